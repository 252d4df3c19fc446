import Foundation

/// A file of test vectors: a description and the cases.
struct Vectors<Case: Decodable>: Decodable {
    var cases: [Case]

    /// Reads `name`.json from the folder Fixtures next to this file.
    init(_ name: String) throws {
        let file = URL(filePath: #filePath).deletingLastPathComponent()
            .appending(path: "Fixtures/\(name).json")
        let decoder = JSONDecoder()
        decoder.keyDecodingStrategy = .convertFromSnakeCase
        self = try decoder.decode(Vectors.self, from: Data(contentsOf: file))
    }
}

/// Whether two numbers agree to the precision of the vectors.
func agree(_ left: Double, _ right: Double) -> Bool {
    abs(left - right) <= 1e-12
}
