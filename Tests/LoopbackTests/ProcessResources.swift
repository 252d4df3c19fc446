import Foundation
import TestSupport
import Testing

/// What a process uses, from /proc.
struct ProcessResources {
    let residentKiB: Int
    let files: Int
    let threads: Int

    init(of process: ChildProcess) throws {
        let path = "/proc/\(process.pid)"
        let status = try String(contentsOfFile: "\(path)/status", encoding: .utf8)
        func number(_ key: String) throws -> Int {
            let line = status.split(separator: "\n").first { $0.hasPrefix("\(key):") }
            return try #require(
                line?.split(whereSeparator: \.isWhitespace).dropFirst().first.flatMap { Int($0) }
            )
        }
        residentKiB = try number("VmRSS")
        files = try FileManager.default.contentsOfDirectory(atPath: "\(path)/fd").count
        threads = try number("Threads")
    }
}

extension ServedMetrics {
    /// The metrics of a node that serves over TLS on 127.0.0.1.
    init(of port: Int, trusting authority: String, token: String = "") async throws {
        let finished = try await run(
            tool(named: "curl", package: "curl"),
            [
                "-sS", "--cacert", authority, "-H", "Authorization: Bearer \(token)",
                "https://127.0.0.1:\(port)/metrics",
            ]
        )
        guard finished.ending == .exit(0) else { throw TestError(finished.log) }
        self.init(finished.output)
    }
}
