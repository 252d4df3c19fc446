import Foundation
import TestSupport
import Testing

/// Several real nodes that use each other's G*.
@Suite struct WisdomTests {
    /// Pulls and ticks several times a second; a vanished peer is no longer live after a second.
    private static let quick = restingEta.merging([
        "NOVA_FED_MAX_AGE_SEC": "1",
        "NOVA_FED_SYNC_INTERVAL": "0.2",
    ]) { $1 }

    /// N of two peers, whose deviation is half of their distance.
    private func novelty(_ one: Double, _ other: Double) -> Double { abs(one - other) / 2 / 0.5 }

    /// Node number `index` of those on `ports`, with the others and `more` as peers.
    private func start(
        _ index: Int,
        of ports: [Int],
        more: [String] = [],
        _ settings: [String: String] = [:]
    ) async throws -> ServedNode {
        try await ServedNode(
            peers: ports.indices.filter { $0 != index }.map { "http://127.0.0.1:\(ports[$0])" }
                + more,
            port: ports[index],
            settings: Self.quick.merging(["NOVA_NODE_ID": "nova-\(index)"]) { $1 }
                .merging(settings) { $1 }
        )
    }

    @Test func `nodes with three kinds of source see each other's numbers and compute N from them`()
        async throws
    {
        let folder = try TemporaryDirectory()
        let now = Date().timeIntervalSince1970
        try folder.replace("c.json", with: summaryJSON(nodeID: "other", gStar: 0.17, ts: now))
        let orchestrator = try ScriptedPeer(.summary(nodeID: "other", gStar: 0.62))
        defer { orchestrator.stop() }
        let ports = try [freePort(), freePort(), freePort()]
        let sources = ["builtin", orchestrator.url, "file:" + folder.file("c.json")]
        var nodes: [ServedNode] = []
        defer { for node in nodes { node.process.kill() } }
        for (index, source) in sources.enumerated() {
            nodes.append(try await start(index, of: ports, ["NOVA_FED_LOCAL_SOURCE": source]))
        }

        // What each publishes; the builtin one 0.3 + 0.3 N of the other two.
        let builtin = 0.3 + 0.3 * novelty(0.62, 0.17)
        let published = [builtin, 0.62, 0.17]
        for (index, node) in nodes.enumerated() {
            let others = published.indices.filter { $0 != index }.map { published[$0] }.sorted()
            try await eventually("node \(index) sees \(others)") {
                // N is current, the context and G* of a builtin node are those of its last tick.
                let wisdom = try await node.wisdom()
                let seen = wisdom.peerGstars.sorted()
                return seen.count == 2
                    && zip(seen, others).allSatisfy { abs($0 - $1) < 1e-12 }
                    && wisdom.context == "federated"
                    && wisdom.gStar.map { abs($0 - published[index]) < 1e-12 } == true
            }
            let health = try await node.health()
            #expect(health.states.values.sorted() == ["up", "up"])
            #expect(health.peers.allSatisfy { $0.identity == "ok" && $0.live })
            #expect(Set(health.peers.map(\.nodeId)).count == 2)
            #expect(health.source.ok && health.ready)
            let wisdom = try await node.wisdom()
            #expect(abs(wisdom.novelty - novelty(others[0], others[1])) < 1e-12)
            #expect(wisdom.g0 == 0.6)
            #expect(abs(try await node.summary().metrics.gStar - published[index]) < 1e-12)
        }

        let wisdom = try await nodes[0].wisdom()
        let components = try #require(wisdom.components)
        #expect(components.progress == 0 && components.consistency == 1)
        #expect(abs(components.novelty - 0.45) < 1e-12)
        #expect(abs(try #require(wisdom.bias) - 0.02 * (0.435 - 0.6)) < 1e-12)
        #expect(wisdom.eta == 0.08 && wisdom.regime == "safe")
    }

    @Test func `a peer with a constant G* of 0.9 raises two others until it stops`() async throws {
        let pinned = try ScriptedPeer(.summary(nodeID: "nova-pinned", gStar: 0.9))
        defer { pinned.stop() }
        let ports = try [freePort(), freePort()]
        var nodes: [ServedNode] = []
        defer { for node in nodes { node.process.kill() } }
        for index in ports.indices {
            nodes.append(
                try await start(
                    index,
                    of: ports,
                    more: [pinned.url],
                    ["NOVA_WISDOM_G_HYSTERESIS_SEC": "4"]
                )
            )
        }
        for node in nodes {
            // x = 0.3 + 0.3 (0.9 - x) has the solution 0.57 / 1.3.
            try await eventually("its G* reaches 0.43846", within: .seconds(20)) {
                abs(try await node.summary().metrics.gStar - 0.57 / 1.3) < 0.000_1
            }
            let wisdom = try await node.wisdom()
            #expect(wisdom.context == "federated")
            #expect(abs(wisdom.novelty - (0.9 - 0.57 / 1.3)) < 0.001)
        }

        pinned.stop()
        try await withThrowingTaskGroup { group in
            for node in nodes { group.addTask { try await expectFall(of: node) } }
            try await group.waitForAll()
        }
        for node in nodes {
            let lines = await node.logLines("context changed", count: 2)
            #expect(lines.map { $0.field("to") } == ["federated", "solo"])
        }
    }

    /// Checks that G* is capped once one of two peers is too old, and that the context changes when
    /// the hysteresis ends.
    private func expectFall(of node: ServedNode) async throws {
        let clock = ContinuousClock()
        let limit = clock.now + .seconds(30)
        var lastTwo = clock.now
        var wisdom = try await node.wisdom()
        while wisdom.peerGstars.count == 2 {
            try #require(clock.now < limit, "the peer that vanished is still live")
            try await Task.sleep(for: .milliseconds(20))
            let asked = clock.now
            wisdom = try await node.wisdom()
            if wisdom.peerGstars.count == 2 { lastTwo = asked }
        }
        #expect(wisdom.novelty == 0)
        #expect(wisdom.context == "federated")
        try await eventually("the next tick caps it") {
            wisdom = try await node.wisdom()
            return try #require(wisdom.gStar) <= 0.30
        }
        #expect(wisdom.components?.novelty == 0)
        #expect(wisdom.context == "federated")
        while wisdom.context == "federated" {
            try #require(clock.now < limit, "the context is still federated")
            #expect(wisdom.g0 == 0.6)
            try await Task.sleep(for: .milliseconds(20))
            wisdom = try await node.wisdom()
        }
        #expect(wisdom.g0 == 0.3)
        // The hysteresis starts at the last tick that saw both, which may have been late.
        let waited = clock.now - lastTwo
        #expect(waited > .seconds(3), "\(waited)")
        #expect(waited < .seconds(12), "\(waited)")
    }
}
