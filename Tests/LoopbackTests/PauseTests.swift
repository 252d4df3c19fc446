import Federation
import Foundation
import Glibc
import PeerSync
import TestSupport
import Testing

@testable import Timing

/// A node that is paused for a while, which must not count against its peers.
@Suite struct PauseTests {
    private static let peerCount = 4
    private static let nodeID = "nova-paused"

    /// A good peer that answers after `delay`.
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
    func `a pause of five seconds causes missed slots, counted exactly, and no failures`()
        async throws
    {
        // Slow enough that at any moment some pull is under way.
        let peers = try (0..<Self.peerCount).map { try slowPeer($0, .milliseconds(300)) }
        defer { for peer in peers { peer.stop() } }
        let node = try await ServedNode(
            peers: peers.enumerated().map { "p\($0)=\($1.url)" },
            settings: ["NOVA_FED_SYNC_INTERVAL": "1", "NOVA_NODE_ID": Self.nodeID]
        )
        defer { node.process.kill() }
        let quiet = try quietMoment(of: peers, nodeID: Self.nodeID)
        try await eventually("all are up and the first pass is over") {
            try await node.metrics().pulls("success") >= 2 * Self.peerCount
        }
        let (before, start) = try await metricsAtQuietMoment(of: node, quiet)
        // Stop it with pulls under way.
        try await eventually("a pull is under way") { try await node.metrics().inFlight > 0 }
        try await pause(node, for: .seconds(5))
        try await eventually("each is pulled again") {
            try await node.metrics().pulls("success") >= before.pulls("success") + 8
        }
        let (after, end) = try await metricsAtQuietMoment(of: node, quiet)

        #expect(after.pulls("error") == 0)
        #expect(after.missed - before.missed >= 4 * Self.peerCount)
        // Each peer has had one slot in each second, and each slot is counted once.
        let seconds = Int((end - start).rounded())
        let slots = after.slots + after.inFlight - before.slots - before.inFlight
        #expect(slots == seconds * Self.peerCount, "\(slots) slots in \(seconds) s")
        let health = try await node.health()
        #expect(health.peers.allSatisfy { $0.state == "up" && $0.successRate == 1 })
        #expect(node.logLines("peer is down").isEmpty)
        #expect(node.logLines("peer is up").count == Self.peerCount)
        #expect(try await node.stop() == .exit(0))
    }

    @Test func `a pull whose deadline passes during a pause is missed and not a failure`()
        async throws
    {
        let peer = try ScriptedPeer(.silence)
        defer { peer.stop() }
        let node = try await ServedNode(
            peers: ["p=\(peer.url)"],
            settings: ["NOVA_FED_SYNC_INTERVAL": "60", "NOVA_FED_SYNC_TIMEOUT": "1.5"]
        )
        defer { node.process.kill() }
        await eventually("it is being pulled") { !peer.requests.isEmpty }
        try await pause(node, for: .seconds(2.5))
        try await eventually("the pull has ended") { try await node.metrics().inFlight == 0 }
        let metrics = try await node.metrics()
        #expect(metrics.missed == 1)
        #expect(metrics.pulls("error") == 0)
        #expect(try await node.health().peer("p")?.state == "unknown")
        #expect(node.logLines("peer is down").isEmpty)
    }

    @Test func `pauses of 20 to 900 ms do not change the p95 of a peer`() async throws {
        let delay = 0.3
        let peer = try slowPeer(0, .milliseconds(300))
        defer { peer.stop() }
        let node = try await ServedNode(
            peers: ["p=\(peer.url)"],
            settings: [
                "NOVA_FED_SYNC_INTERVAL": "1", "NOVA_FED_SYNC_TIMEOUT": "1",
                "NOVA_FED_WINDOW_SEC": "60",
            ]
        )
        defer { node.process.kill() }
        try await eventually("it is up") { try await node.metrics().pulls("success") >= 1 }
        // Each begins during a pull; some end before the response, others after it.
        for milliseconds in [20, 60, 150, 300, 550, 900] {
            let asked = peer.requests.count
            await eventually("it is being pulled") { peer.requests.count > asked }
            try await Task.sleep(for: .milliseconds(250))
            try await pause(node, for: .milliseconds(milliseconds))
        }
        try await eventually("it was pulled often, and is not being pulled") {
            let metrics = try await node.metrics()
            return metrics.pulls("success") >= 8 && metrics.inFlight == 0
        }
        let health = try #require(try await node.health().peer("p"))
        #expect(health.state == "up" && health.successRate == 1)
        let p95 = try #require(health.p95)
        // Up to 15 ms of a pause may go unnoticed.
        #expect(p95 >= delay && p95 < delay + 0.05, "\(p95) s")
        let metrics = try await node.metrics()
        let timed = try #require(metrics["nova_federation_sync_latency_seconds_count"])
        #expect(Int(timed) < metrics.pulls("success"))
        #expect(metrics.pulls("error") == 0)
    }

    @Test func `after a pause longer than the maximum age peers are live and N is unchanged`()
        async throws
    {
        let peers = try [0.2, 0.6].enumerated()
            .map { try ScriptedPeer(.summary(nodeID: "nova-\($0)", gStar: $1)) }
        defer { for peer in peers { peer.stop() } }
        let node = try await ServedNode(
            peers: peers.enumerated().map { "p\($0)=\($1.url)" },
            settings: [
                "NOVA_FED_SYNC_INTERVAL": "1", "NOVA_FED_MAX_AGE_SEC": "2",
                "NOVA_FED_MIN_GOOD_PEERS": "2", "NOVA_FED_MIN_PEER_QUALITY": "0.5",
                "NOVA_WISDOM_POLL_INTERVAL": "0.1", "NOVA_WISDOM_G_HYSTERESIS_SEC": "0",
            ]
        )
        defer { node.process.kill() }
        try await eventually("both count and it is federated") {
            let wisdom = try await node.wisdom()
            return wisdom.peerGstars.count == 2 && wisdom.context == "federated"
        }
        for _ in 0..<3 {
            try await pause(node, for: .seconds(4))
            let end = ContinuousClock.now + .seconds(1.5)
            repeat {
                let metrics = try await node.metrics()
                #expect(metrics["nova_wisdom_peers"] == 2 && metrics["nova_federation_ready"] == 1)
                #expect(metrics["nova_wisdom_context"] == 1)
                #expect(metrics["nova_federation_peer_live{peer=\"p0\"}"] == 1)
                #expect(abs(try #require(metrics["nova_wisdom_novelty"]) - 0.4) < 1e-9)
                let wisdom = try await node.wisdom()
                #expect(wisdom.peerGstars.count == 2 && wisdom.context == "federated")
                #expect(try await node.health().ready)
            } while ContinuousClock.now < end
        }
        #expect(node.logLines("context changed").count == 1)

        // A peer that stopped during a pause is soon not live.
        node.process.send(SIGSTOP)
        peers[0].stop()
        try await Task.sleep(for: .seconds(3))
        node.process.send(SIGCONT)
        try await eventually("it is no longer live") {
            try await node.health().peerSync.peerCount == 1
        }
    }
}

/// The fraction of a second that is farthest from every slot.
///
/// Of four slots in a second, two neighbours are at least a quarter of a second apart.
func quietMoment(of peers: [ScriptedPeer], nodeID: String) throws -> Double {
    let slots =
        try peers.map { peer in
            let url = try Peer(parsing: peer.url).url
            return slotPhase(ofNode: nodeID, peerURL: url, interval: .seconds(1)).inSeconds
        }
        .sorted()
    let following = slots.dropFirst() + [(slots.first ?? 0) + 1]
    let widest = zip(slots, following).max { $0.1 - $0.0 < $1.1 - $1.0 } ?? (0, 1)
    return ((widest.0 + widest.1) / 2).truncatingRemainder(dividingBy: 1)
}

/// Reads the metrics at the next quiet moment and returns them with its Unix time.
func metricsAtQuietMoment(
    of node: ServedNode,
    _ quiet: Double
) async throws -> (metrics: ServedMetrics, at: Double) {
    let now = Date().timeIntervalSince1970
    let wait = (quiet - now.truncatingRemainder(dividingBy: 1) + 1)
        .truncatingRemainder(dividingBy: 1)
    try await Task.sleep(for: .seconds(wait))
    let moment = Date().timeIntervalSince1970
    return (try await node.metrics(), moment)
}
