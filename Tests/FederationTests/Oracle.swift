import Foundation
import TestSupport

/// An independent computation in Python: one line of output for each line of input.
enum Oracle {
    static func lines(_ mode: String, _ input: [String]) async throws -> [String] {
        let script = URL(filePath: #filePath).deletingLastPathComponent()
            .appending(path: "Fixtures/oracle.py")
        let result = try await run(
            try tool(named: "python3", package: "python3"),
            [script.path, mode],
            input: Array((input.joined(separator: "\n") + "\n").utf8)
        )
        let lines = result.output.split(separator: "\n").map(String.init)
        guard result.ending == .exit(0), lines.count == input.count else {
            throw TestError("oracle.py \(mode) failed: \(result.log)")
        }
        return lines
    }
}
