import Glibc
import TestSupport
import Testing

/// A daemon that is stopped by the system for a while: its peers are not to blame.
@Suite struct PauseTests {
    private static let peerCount = 4

    /// A good peer that takes its time.
    private func slowPeer(_ number: Int, _ delay: Duration) throws -> ScriptedPeer {
        let answer = response(body: summaryJSON(nodeID: "nova-\(number)"))
        return try ScriptedPeer(
            Script { connection in
                while connection.nextRequest() != nil {
                    guard connection.pause(delay), connection.send(answer) else { return }
                }
            }
        )
    }

    /// Stops the process for `span`.
    private func pause(_ node: ServedNode, for span: Duration) async throws {
        node.process.send(SIGSTOP)
        try await Task.sleep(for: span)
        node.process.send(SIGCONT)
    }

    @Test
    func `five seconds of standstill are missed slots, to the last one, and nobody's failure`()
        async throws
    {
        // Slow enough that at any moment some pull is under way.
        let peers = try (0..<Self.peerCount).map { try slowPeer($0, .milliseconds(300)) }
        defer { for peer in peers { peer.stop() } }
        let node = try await ServedNode(
            peers: peers.enumerated().map { "p\($0)=\($1.url)" },
            settings: ["NOVA_FED_SYNC_INTERVAL": "1"]
        )
        defer { node.process.kill() }
        try await eventually("all are up and the first pass is over") {
            try await node.metrics().pulls("success") >= 2 * Self.peerCount
        }
        // Begin with pulls under way.
        try await eventually("a pull is under way") { try await node.metrics().inFlight > 0 }
        let before = try await node.metrics()
        let start = ContinuousClock.now
        try await pause(node, for: .seconds(5))
        try await eventually("each is pulled again") {
            try await node.metrics().pulls("success") >= before.pulls("success") + 8
        }
        let after = try await node.metrics()
        let elapsed = (ContinuousClock.now - start) / .seconds(1)

        #expect(after.pulls("error") == 0)
        #expect(after.missed - before.missed >= 4 * Self.peerCount)
        // Each peer has a slot a second; at each edge one of its pulls may be under way.
        let slots = Double(after.slots - before.slots) / Double(Self.peerCount)
        #expect(abs(slots - elapsed) <= 1, "\(slots) slots of a peer in \(elapsed) s")
        let health = try await node.health()
        #expect(health.peers.allSatisfy { $0.state == "up" && $0.successRate == 1 })
        #expect(node.logLines("peer is down").isEmpty)
        #expect(node.logLines("peer is up").count == Self.peerCount)
        #expect(try await node.stop() == .exit(0))
    }

    @Test func `a pull whose deadline passed during a standstill is missed and no failure`()
        async throws
    {
        let peer = try ScriptedPeer(.silence)
        defer { peer.stop() }
        let node = try await ServedNode(
            peers: ["p=\(peer.url)"],
            settings: ["NOVA_FED_SYNC_INTERVAL": "60", "NOVA_FED_SYNC_TIMEOUT": "1.5"]
        )
        defer { node.process.kill() }
        await eventually("it was asked") { !peer.requests.isEmpty }
        try await pause(node, for: .seconds(2.5))
        try await eventually("the pull has ended") { try await node.metrics().inFlight == 0 }
        let metrics = try await node.metrics()
        #expect(metrics.missed == 1)
        #expect(metrics.pulls("error") == 0)
        #expect(try await node.health().peer("p")?.state == "unknown")
        #expect(node.logLines("peer is down").isEmpty)
    }
}
