import TestSupport
import Testing

/// Peers that are this node, a copy of it, one node twice, or several nodes in turn.
@Suite struct IdentityTests {
    private static let own = "nova-a"

    private func start(_ peers: [String], port: Int = 0) async throws -> ServedNode {
        try await ServedNode(
            peers: peers,
            port: port,
            settings: ["NOVA_FED_SYNC_INTERVAL": "0.2", "NOVA_NODE_ID": Self.own]
        )
    }

    /// Waits until the peer with this label has this identity.
    private func expect(_ identity: String, of id: String, at node: ServedNode) async throws {
        try await eventually("\(id) is \(identity)") {
            try await node.health().peer(id)?.identity == identity
        }
        let series = "nova_federation_peer_identity{peer=\"\(id)\",state=\"\(identity)\"}"
        #expect(try await node.metrics()[series] == 1)
    }

    /// Waits until a peer was pulled `count` more times.
    private func waitForPulls(of peer: ScriptedPeer, count: Int = 5) async {
        let before = peer.requests.count
        await eventually("it is pulled again") { peer.requests.count >= before + count }
    }

    /// Answers with two node ids in turn.
    private func alternating(gStar: Double = 0.3) -> Script {
        Script { connection in
            var number = 0
            while connection.nextRequest() != nil {
                number += 1
                let body = summaryJSON(nodeID: number % 2 == 1 ? "nova-b" : "nova-c", gStar: gStar)
                guard connection.send(response(body: body)) else { return }
            }
        }
    }

    @Test func `a node that is its own peer is identified as self and not counted`()
        async throws
    {
        let port = try freePort()
        let node = try await start(["me=http://127.0.0.1:\(port)"], port: port)
        defer { node.process.kill() }
        try await expect("self", of: "me", at: node)
        let asked =
            "nova_federation_http_requests_total"
            + "{code=\"200\",path=\"/federation/sync/summary\"}"
        try await eventually("it is still pulled") {
            try await node.metrics()[asked] ?? 0 >= 5
        }
        try await expectNotCounted("me", state: "self", at: node)
        #expect(node.logLines("peer=me").count == 1)
        #expect(node.logLines("peer=me").first?.contains("this node itself") == true)
        #expect(try await node.metrics()["nova_federation_peer_up{peer=\"me\"}"] == nil)
    }

    @Test func `a peer with our node id and no instance is a clone and stays a target`()
        async throws
    {
        let peer = try ScriptedPeer(.summary(nodeID: Self.own, gStar: 0.9))
        defer { peer.stop() }
        let node = try await start(["old=\(peer.url)"])
        defer { node.process.kill() }
        try await expect("clone", of: "old", at: node)
        await waitForPulls(of: peer)
        let health = try await node.health()
        #expect(health.peer("old")?.state == "clone" && health.peerSync.peerCount == 0)
        let metrics = try await node.metrics()
        #expect(metrics["nova_federation_peer_up{peer=\"old\"}"] == 1)
        #expect(metrics["nova_federation_peer_live{peer=\"old\"}"] == 0)
        let targets = try await node.page("/federation/sd")
        #expect(targets.contains("\"\(node.label)\""))
        #expect(targets.contains("\"127.0.0.1:\(peer.port)\""))
        let lines = node.logLines("peer=old")
        #expect(lines.count == 1 && lines.first?.contains("level=warning") == true)
    }

    /// Checks that a peer is in this state and in no statistics.
    private func expectNotCounted(_ id: String, state: String, at node: ServedNode) async throws {
        let health = try await node.health()
        let peer = try #require(health.peer(id))
        #expect(peer.state == state)
        #expect(peer.nodeId == Self.own)
        #expect(!peer.live && peer.samples == 0 && peer.lastFailure == nil)
        #expect(health.peerSync.peerCount == 0)
        #expect(!health.ready)
        let metrics = try await node.metrics()
        #expect(metrics.pulls("success") == 0 && metrics.pulls("error") == 0)
        #expect(metrics["nova_wisdom_peers"] == 0)
        #expect(metrics["nova_federation_sync_latency_seconds_count"] == 0)
    }

    @Test func `a peer with our node id and another instance is a clone, logged once, not counted`()
        async throws
    {
        let peer = try ScriptedPeer(.summary(nodeID: Self.own, instance: "0badcafe", gStar: 0.9))
        defer { peer.stop() }
        let node = try await start(["copy=\(peer.url)"])
        defer { node.process.kill() }
        try await expect("clone", of: "copy", at: node)
        await waitForPulls(of: peer)
        let health = try await node.health()
        let copy = try #require(health.peer("copy"))
        #expect(copy.state == "clone" && copy.nodeId == Self.own && !copy.live)
        #expect(health.peerSync.peerCount == 0 && !health.ready)
        #expect(try await node.metrics()["nova_wisdom_peers"] == 0)
        let lines = node.logLines("peer=copy")
        #expect(lines.count == 1)
        #expect(lines.first?.contains("level=warning") == true)
        #expect(lines.first?.contains("a copied machine") == true)
    }

    @Test func `of two peers with one node id the first counts, until the second changes its id`()
        async throws
    {
        let first = try ScriptedPeer(.summary(nodeID: "nova-b", gStar: 0.2))
        let second = try ScriptedPeer(.summary(nodeID: "nova-b", gStar: 0.4))
        let other = try ScriptedPeer(.summary(nodeID: "nova-c", gStar: 0.8))
        defer { for peer in [first, second, other] { peer.stop() } }
        let node = try await start(["b1=\(first.url)", "b2=\(second.url)", "c=\(other.url)"])
        defer { node.process.kill() }
        try await expect("duplicate", of: "b2", at: node)
        for id in ["b1", "c"] { try await expect("ok", of: id, at: node) }
        await waitForPulls(of: second)
        var health = try await node.health()
        #expect(health.peerSync.peerCount == 2)
        #expect(health.states == ["b1": "up", "b2": "up", "c": "up"])
        #expect(health.peers.map(\.idHeldBy) == ["b1", "b1", "c"])
        #expect(health.peers.map(\.counted) == [true, false, true])
        #expect(health.peers.map { $0.flags.contains("duplicate") } == [false, true, false])
        let lines = node.logLines("peer=b2").filter { $0.contains("peer identity") }
        #expect(lines.count == 1)
        #expect(lines.first?.contains("another peer had the same node id") == true)
        // 0.2 and 0.8: 0.3 / 0.5.
        let novelty = try #require(try await node.metrics()["nova_wisdom_novelty"])
        #expect(abs(novelty - 0.6) < 1e-9)

        second.play(.summary(nodeID: "nova-d", gStar: 0.8))
        second.dropConnections()
        for id in ["b1", "b2"] { try await expect("ok", of: id, at: node) }
        health = try await node.health()
        #expect(health.peerSync.peerCount == 3)
        #expect(health.peers.allSatisfy { !$0.flags.contains("duplicate") && $0.counted })
    }

    @Test func `a peer that alternates between two ids affects neither N nor these two peers`()
        async throws
    {
        let honest = try ["nova-b", "nova-c"]
            .map { try ScriptedPeer(.summary(nodeID: $0, gStar: 0.3)) }
        let liar = try ScriptedPeer(alternating(gStar: 0.9))
        defer { for peer in honest + [liar] { peer.stop() } }
        let node = try await start(["b=\(honest[0].url)", "c=\(honest[1].url)", "l=\(liar.url)"])
        defer { node.process.kill() }
        try await eventually("the honest ones are live") {
            let peers = try await node.health().peers
            return peers.prefix(2).allSatisfy(\.live)
        }
        let before = liar.requests.count
        var readings = 0
        while liar.requests.count < before + 10 {
            let health = try await node.health()
            for id in ["b", "c"] { #expect(health.peer(id)?.identity == "ok") }
            #expect(health.peer("l")?.counted == false)
            #expect(try await node.metrics()["nova_wisdom_novelty"] == 0)
            readings += 1
        }
        #expect(readings > 10)
        try await expect("changing", of: "l", at: node)
        #expect(node.logLines("peer identity").allSatisfy { $0.contains("peer=l") })
    }

    @Test func `a load balancer over two nodes is flagged as changing, once`() async throws {
        let peer = try ScriptedPeer(alternating())
        defer { peer.stop() }
        let node = try await start(["lb=\(peer.url)"])
        defer { node.process.kill() }
        try await expect("changing", of: "lb", at: node)
        await waitForPulls(of: peer, count: 8)
        let health = try await node.health()
        let balancer = try #require(health.peer("lb"))
        #expect(balancer.state == "up" && balancer.live)
        #expect(balancer.flags.contains("changing"))
        #expect(health.peerSync.peerCount == 1)
        let info =
            "nova_federation_peer_info"
            + "{peer=\"lb\",node_id=\"(changing)\",version=\"(changing)\"}"
        #expect(try await node.metrics()[info] == 1)
        let lines = node.logLines("peer=lb")
        #expect(lines.count { $0.contains("its node id keeps changing") } == 1)
        // Up, the first two changes of the id, and changing.
        #expect(lines.count == 4, "\(lines)")
    }
}
