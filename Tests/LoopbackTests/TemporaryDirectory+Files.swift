import Foundation

extension TemporaryDirectory {
    /// The path of a file in it.
    func file(_ name: String) -> String { path + "/" + name }

    /// A folder in it, made now if it is not there.
    func folder(_ name: String) throws -> String {
        try FileManager.default.createDirectory(
            atPath: file(name),
            withIntermediateDirectories: true
        )
        return file(name)
    }

    /// Writes a file so that it is there whole or not at all.
    func replace(_ name: String, with text: String) throws {
        try Data(text.utf8).write(to: URL(fileURLWithPath: file(name)), options: .atomic)
    }

    /// Writes a file in place.
    func overwrite(_ name: String, with text: String) throws {
        try Data(text.utf8).write(to: URL(fileURLWithPath: file(name)))
    }
}
