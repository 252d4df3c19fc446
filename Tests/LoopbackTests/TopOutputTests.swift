import Foundation
import TestSupport
import Testing

/// `nova-federation top` without a terminal.
@Suite struct TopOutputTests {
    private static func top(
        _ node: ServedNode,
        _ arguments: [String] = [],
        environment: [String: String] = [:]
    ) throws -> ChildProcess {
        let all = ["top", "--url", node.url] + arguments
        return try ChildProcess(daemonExecutable(), all, environment: environment)
    }

    @Test func `a snapshot follows each second, and SIGTERM ends it with 0`() async throws {
        try await withNode(peers: ["gone=http://127.0.0.1:9"]) { node in
            _ = try await node.events("kind=peer_down", count: 1)
            let top = try Self.top(node, environment: ["LC_ALL": "C.UTF-8"])
            await eventually("there are two crosses") { top.output.contains("××") }
            top.send(SIGTERM)
            #expect(try await top.waitForEnd() == .exit(0))
            let snapshots = top.output.components(separatedBy: "\n\n\n")
            #expect(snapshots.count == 1)
            let heads = top.output.split(separator: "\n").filter { $0.hasPrefix("time   20") }
            #expect(heads.count >= 2 && Set(heads).count >= 2)
            #expect(top.output.contains("latencies\ngone  down"))
            #expect(!top.output.contains("\u{1B}") && top.log.isEmpty)
        }
    }

    @Test func `JSON lines are the health page, or the error while the node does not respond`()
        async throws
    {
        try await withNode { node in
            let top = try Self.top(node, ["--json"])
            await eventually("there are two lines") { top.output.count { $0 == "\n" } >= 2 }
            node.process.kill()
            await eventually("there is an error") { top.output.contains(#"{"error":"#) }
            top.send(SIGINT)
            #expect(try await top.waitForEnd() == .exit(0))
            let objects = try top.output.split(separator: "\n")
                .map { line in
                    try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any]
                }
            #expect(objects.first??["node_id"] as? String == "node-\(node.port)")
            let last = try #require(objects.last ?? nil)
            #expect((last["error"] as? String)?.hasPrefix("no response from \(node.url)") == true)
            #expect(last["since"] is Double)
        }
    }

    @Test func `without UTF-8 the output is ASCII, and a reader that closes ends it with 74`()
        async throws
    {
        try await withNode(peers: ["gone=http://127.0.0.1:9"]) { node in
            _ = try await node.events("kind=peer_down", count: 1)
            let script = #"{ "$@"; echo "$?" >&2; } | head -n 9"#
            let finished = try await run(
                tool(named: "bash", package: "bash"),
                ["-c", script, "bash", daemonExecutable(), "top", "--url", node.url]
            )
            #expect(finished.log == "74\n")
            #expect(finished.output.hasPrefix("time   20"))
            #expect(finished.output.utf8.allSatisfy { $0 < 0x80 })
        }
    }
}
