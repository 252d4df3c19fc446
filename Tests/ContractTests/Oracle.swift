import Foundation

/// Validates bodies with the YAML schema, by libraries that are independent of the decoder.
enum Oracle {
    /// A failure of the oracle itself, as a sentence.
    struct Fault: Error, CustomStringConvertible {
        var description: String
    }

    /// One verdict for each body: `valid`, or a reason and the field, if there is one.
    static func verdicts(
        on bodies: [[UInt8]],
        schema: String = "peer_sync_payload@1.yaml"
    ) throws -> [String] {
        let lines = bodies.map { body in
            body.map { String(UInt16($0) + 0x100, radix: 16).dropFirst() }.joined()
        }
        let file = FileManager.default.temporaryDirectory
            .appending(path: "contract-\(UUID().uuidString)")
        try Data((lines.joined(separator: "\n") + "\n").utf8).write(to: file)
        defer { try? FileManager.default.removeItem(at: file) }  // it may be left behind

        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/python3")
        let script = URL(filePath: #filePath).deletingLastPathComponent()
            .appending(path: "oracle.py")
        let schema = Example.contracts.appending(path: schema)
        process.arguments = [script.path, schema.path, file.path]
        let output = Pipe()
        process.standardOutput = output
        do { try process.run() } catch { throw Fault(description: missing) }
        let text = try output.fileHandleForReading.readToEnd() ?? Data()
        process.waitUntilExit()
        guard process.terminationStatus == 0 else { throw Fault(description: missing) }
        return String(decoding: text, as: UTF8.self).split(separator: "\n").map(String.init)
    }

    private static let missing = """
        the oracle did not run: install the Debian packages python3-jsonschema and python3-yaml, \
        and see its own message above
        """
}
