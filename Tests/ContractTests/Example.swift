import Foundation

/// A body of contracts/examples; the name of an invalid one begins with the reason.
struct Example: CustomStringConvertible {
    var name: String
    var body: [UInt8]

    var description: String { name }

    /// The expected reason, from the file name.
    var reason: String { String(name.prefix { $0 != "." }) }

    static let valid = examples(in: "valid")
    static let invalid = examples(in: "invalid")
    static let validSamples = examples(in: "sample/valid")
    static let invalidSamples = examples(in: "sample/invalid")

    /// The folder of the contracts, relative to this file.
    static let contracts = URL(filePath: #filePath).deletingLastPathComponent()
        .appending(path: "../../contracts").standardizedFileURL

    /// All files of a folder of examples; an unreadable file stops the run.
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
