import Foundation
import TestSupport
import Testing

/// A real node with a low limit of open files.
@Suite struct FileLimitTests {
    private func start(_ limit: Int, _ environment: [String: String]) throws -> ChildProcess {
        try ChildProcess(
            "/bin/sh",
            ["-c", "ulimit -n \(limit); exec \"$0\" serve", daemonExecutable()],
            environment: environment
        )
    }

    @Test(arguments: [72, 96, 128, 256, 1_024])
    func `a node with a low limit of open files pulls and serves with default settings`(
        limit: Int
    ) async throws {
        let peers = try (0..<20).map { try ScriptedPeer(.summary(nodeID: "nova-\($0)")) }
        defer { for peer in peers { peer.stop() } }
        var environment = ServedNode.environment(peers: peers.map(\.url), port: 0)
        environment["NOVA_FED_SYNC_INTERVAL"] = "0.5"
        let process = try start(limit, environment)
        defer { process.kill() }
        let node = ServedNode(process: process, port: try await ServedNode.port(of: process))
        try await eventually("all peers are pulled") {
            try await node.metrics().pulls("success") >= 60
        }
        let kept = try (0..<10).map { _ in try KeepAliveConnection(port: node.port) }
        for connection in kept {
            #expect(try await onNewThread { connection.get("/ready")?.status } == 200)
        }
        let metrics = try await node.metrics()
        #expect(metrics.pulls("error") == 0)
        #expect(metrics["process_max_fds"] == Double(limit))
        process.send(SIGTERM)
        #expect(try await process.waitForEnd() == .exit(0))
    }

    @Test func `a node with too low a limit of open files reports it and names no setting`()
        async throws
    {
        let process = try start(64, ServedNode.environment(peers: [], port: 0))
        #expect(try await process.waitForEnd() == .exit(78))
        #expect(process.log.contains("the limit of open files is 64; allowed: at least 72"))
        #expect(!process.log.contains("NOVA_FED"))
    }
}
