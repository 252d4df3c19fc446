import Foundation
import TestSupport
import Testing

/// How many threads of a real node take part in a scrape.
@Suite struct ScrapeThreadTests {
    private static let scrapes = 200

    /// The context switches of each thread of a node.
    private static func switches(of node: ServedNode) -> [String: Int] {
        let path = "/proc/\(node.process.pid)/task"
        var switches: [String: Int] = [:]
        for task in (try? FileManager.default.contentsOfDirectory(atPath: path)) ?? [] {
            // A thread that has just ended has no status any more.
            let text = try? String(contentsOfFile: "\(path)/\(task)/status", encoding: .utf8)
            for line in (text ?? "").split(separator: "\n") where line.contains("ctxt_switches:") {
                switches[task, default: 0] +=
                    line.split(separator: "\t").last.flatMap { Int($0) } ?? 0
            }
        }
        return switches
    }

    /// The number of threads that ran in more than half of many scrapes.
    private static func threadsOfScrapes(peers: Int) async throws -> Int {
        // Refused at once, and pulled too rarely to matter.
        let peers = (0..<peers).map { "http://127.8.0.\($0 + 1):9" }
        let environment = ["NOVA_FED_SYNC_INTERVAL": "3600", "NOVA_FED_LOG_LEVEL": "critical"]
        return try await withNode(peers: peers, environment) { node in
            let connection = try KeepAliveConnection(port: node.port)
            #expect(connection.get("/metrics")?.status == 200)
            let before = switches(of: node)
            for _ in 0..<scrapes { #expect(connection.get("/metrics")?.status == 200) }
            let after = switches(of: node)
            return after.count { $0.value - before[$0.key, default: 0] > scrapes / 2 }
        }
    }

    @Test func `a scrape of few peers uses one thread, and one of many uses more`() async throws {
        #expect(try await Self.threadsOfScrapes(peers: 5) <= 1)
        #expect(try await Self.threadsOfScrapes(peers: 20) > 1)
    }
}
