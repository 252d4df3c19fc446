import Foundation

/// A body of contracts/examples, named after what it shows, a refused one with the reason first.
struct Example: CustomStringConvertible {
    var name: String
    var body: [UInt8]

    var description: String { name }

    /// The reason for which it must be refused, by its name.
    var reason: String { String(name.prefix { $0 != "." }) }

    static let valid = examples(in: "valid")
    static let invalid = examples(in: "invalid")
    static let validSamples = examples(in: "sample/valid")
    static let invalidSamples = examples(in: "sample/invalid")

    /// The folder of the contracts, found from this file.
    static let contracts = URL(filePath: #filePath).deletingLastPathComponent()
        .appending(path: "../../contracts").standardizedFileURL

    /// Every file of a folder of examples; an unreadable one stops the run.
    private static func examples(in folder: String) -> [Example] {
        let folder = contracts.appending(path: "examples/\(folder)")
        do {
            return try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted()
                .map { name in
                    let body = try Data(contentsOf: folder.appending(path: name))
                    return Example(name: name, body: Array(body))
                }
        } catch {
            preconditionFailure("the examples must be readable: \(error)")
        }
    }
}
