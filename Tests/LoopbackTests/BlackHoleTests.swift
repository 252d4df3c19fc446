import Foundation
import Glibc
import TestSupport
import Testing

/// Name servers that never answer or stop resolving a name.
@Suite struct BlackHoleTests {
    /// The deadline of a pull in seconds, and how much later it may end.
    private static let timeout = 1.0
    private static let lateness = 0.05
    /// Maximum threads of a node with fifty hung names: eight lookups, the service itself, and one
    /// of the runtime for each processor.
    private static let threadLimit = 8 + 14 + ProcessInfo.processInfo.activeProcessorCount
    private static let port = 8100
    private static let settings = [
        "NOVA_FED_SYNC_INTERVAL": "2", "NOVA_FED_SYNC_TIMEOUT": "\(timeout)",
    ]

    private func threadCount(of process: ChildProcess) throws -> Int {
        try FileManager.default.contentsOfDirectory(atPath: "/proc/\(process.pid)/task").count
    }

    /// Starts nodes to be pulled, on the ports from 8101 on.
    private func startPeers(
        _ count: Int,
        in network: NetworkNamespace
    ) async throws -> [ChildProcess] {
        var peers: [ChildProcess] = []
        for number in 1...count {
            peers.append(try await network.startNode(port: Self.port + number))
        }
        return peers
    }

    @Test
    func `with a hung name server its names time out, and other peers are not affected`()
        async throws
    {
        let network = try await NetworkNamespace()
        defer { network.close() }
        let nameServer = try await network.startNameServer()
        defer { nameServer.kill() }
        nameServer.send(SIGSTOP)
        let peers = try await startPeers(3, in: network)
        defer { for peer in peers { peer.kill() } }
        let names = (0..<50).map { "hang\($0)=http://hang\($0).test:8101" }
        let addresses = (1...3).map { "addr\($0)=http://127.0.0.1:810\($0)" }
        let node = try await network.startNode(
            port: Self.port,
            peers: names + addresses,
            settings: Self.settings
        )
        defer { node.kill() }
        let start = ContinuousClock.now
        let resolver = try network.start(
            tool(named: "getent", package: "libc-bin"),
            ["ahosts", "hang.test"]
        )
        defer { resolver.kill() }

        var mostThreads = 0
        // The resolver gives up after ten seconds, which must not affect pulls either.
        while ContinuousClock.now - start < .seconds(12) {
            mostThreads = max(mostThreads, try threadCount(of: node))
            if ContinuousClock.now - start < .seconds(4.5) { #expect(resolver.poll() == nil) }
            try await Task.sleep(for: .milliseconds(200))
        }
        #expect(mostThreads <= Self.threadLimit)
        let health = try await network.health(port: Self.port)
        let metrics = try await network.metrics(port: Self.port)
        for peer in health.peers where peer.id.hasPrefix("hang") {
            #expect(peer.lastFailure?.reason == "timed_out")
            #expect(peer.lastFailure?.phase == "dns")
            let total = try #require(peer.timings?.total)
            #expect(total >= Self.timeout - 0.001)
            #expect(total <= Self.timeout + Self.lateness, "\(peer.id) took \(total) s")
            #expect(peer.timings?.connect == nil)
            let failures = "nova_federation_pull_failures_total{peer=\"\(peer.id)\",reason="
            #expect(metrics[failures + "\"dns_failed\"}"] ?? 0 == 0)
            #expect(try #require(metrics[failures + "\"timed_out\"}"]) >= 1)
        }
        for peer in health.peers where peer.id.hasPrefix("addr") {
            #expect(peer.state == "up" && peer.successRate == 1)
            // One slot in two seconds; the first pull comes within two, the last may be under way.
            #expect(Double(peer.samples) >= health.uptime / 2 - 2)
            #expect(peer.addressAge == nil)
        }
        #expect(health.peers.count == names.count + addresses.count)

        // Lookups under way do not delay the end.
        node.send(SIGTERM)
        #expect(try await node.waitForEnd(within: .seconds(2)) == .exit(0))
    }

    @Test
    func `a name that stops resolving keeps its address, and one that never resolved fails`()
        async throws
    {
        let network = try await NetworkNamespace()
        defer { network.close() }
        let nameServer = try await network.startNameServer()
        defer { nameServer.kill() }
        try network.setNames(["good.test", "gone.test"], at: nameServer)
        let peers = try await startPeers(1, in: network)
        defer { for peer in peers { peer.kill() } }
        let node = try await network.startNode(
            port: Self.port,
            peers: [
                "good=http://good.test:8101", "gone=http://gone.test:8101",
                "nowhere=http://nowhere.test:8101",
            ],
            settings: ["NOVA_FED_SYNC_INTERVAL": "0.5"]
        )
        defer { node.kill() }
        try await eventually("each was pulled") {
            let states = try await network.health(port: Self.port).states
            return states == ["good": "up", "gone": "up", "nowhere": "down"]
        }
        var health = try await network.health(port: Self.port)
        let failure = try #require(health.peer("nowhere")?.lastFailure)
        #expect(failure.reason == "dns_failed" && failure.phase == "dns")
        #expect(failure.errorType == "http_error")
        #expect(try #require(health.peer("gone")?.addressAge) < 10)
        try network.setNames(["good.test"], at: nameServer)

        try await eventually("a lookup was due, and one address is old", within: .seconds(45)) {
            let peers = try await network.health(port: Self.port)
            try await Task.sleep(for: .milliseconds(250))
            return try #require(peers.peer("gone")?.addressAge) > 31.5
        }
        health = try await network.health(port: Self.port)
        #expect(try #require(health.peer("good")?.addressAge) < 10)
        for id in ["good", "gone"] {
            #expect(health.peer(id)?.state == "up")
            #expect(health.peer(id)?.successRate == 1)
            #expect(health.peer(id)?.live == true)
        }
        node.send(SIGTERM)
        #expect(try await node.waitForEnd(within: .seconds(2)) == .exit(0))
    }
}
