import Glibc
import TestSupport
import Testing

/// Several real nodes that pull each other.
@Suite struct NodesTests {
    /// How long the others may take to notice a change, at one pull a second.
    private static let notice = Duration.seconds(3)

    private static let settings = [
        "NOVA_FED_SYNC_INTERVAL": "1",
        "NOVA_FED_MAX_AGE_SEC": "2",
        "NOVA_FED_QUALITY_TAU_SEC": "1",
        "NOVA_FED_WINDOW_SEC": "3",
    ]

    /// Node number `index` of those on `ports`, with all the others as peers.
    private func start(
        _ index: Int,
        of ports: [Int],
        _ folder: TemporaryDirectory
    ) async throws -> ServedNode {
        let others = ports.indices.filter { $0 != index }.map { "http://127.0.0.1:\(ports[$0])" }
        let state = try folder.folder("node-\(index)")
        return try await ServedNode(
            peers: others,
            port: ports[index],
            settings: Self.settings.merging(["NOVA_FED_STATE_DIR": state]) { $1 }
        )
    }

    @Test func `three nodes see each other, see one die and see it come back as the same node`()
        async throws
    {
        let folder = try TemporaryDirectory()
        let ports = try [freePort(), freePort(), freePort()]
        var nodes: [ServedNode] = []
        defer { for node in nodes { node.process.kill() } }
        for index in ports.indices { nodes.append(try await start(index, of: ports, folder)) }
        let started = ContinuousClock.now

        for (index, node) in nodes.enumerated() {
            try await eventually(
                "node \(index) sees two peers up",
                within: Self.notice - (.now - started)
            ) {
                let health = try await node.health()
                return health.states.values.sorted() == ["up", "up"] && health.ready
                    && health.peerSync.peerCount == 2
            }
        }
        let died = nodes[2]
        try await eventually("failures from before it was there have left the window") {
            try await nodes[0].health().peer(died.label)?.successRate == 1
        }
        let deadID = try await died.health().nodeId
        // Those that started first may have found the others down.
        let downs = nodes.map { $0.logLines("peer is down").count { $0.contains(died.label) } }

        died.process.kill()
        try await expectDeath(of: died, seenBy: Array(nodes[..<2]))

        nodes[2] = try await start(2, of: ports, folder)
        let back = ContinuousClock.now
        for node in nodes[..<2] {
            try await eventually("it is up again", within: Self.notice - (.now - back)) {
                try await node.health().peer(died.label)?.state == "up"
            }
            let peer = try #require(try await node.health().peer(died.label))
            #expect(peer.nodeId == deadID)
            #expect(peer.live)
            #expect(peer.identity == "ok")
        }
        for (node, downs) in zip(nodes[..<2], downs) {
            let lines = await node.logLines("peer=\(died.label)", count: downs + 3)
            #expect(lines.count { $0.contains("peer is down") } == downs + 1)
            let ups = lines.filter { $0.contains("peer is up") }
            #expect(ups.count == 2)
            #expect(ups.last?.field("down_seconds") != nil)
            #expect(lines.count == downs + 3)
        }
        for node in nodes { #expect(try await node.stop() == .exit(0)) }
    }

    /// Checks that it is down at once, that its quality falls, and that it is not live in the end.
    private func expectDeath(of died: ServedNode, seenBy nodes: [ServedNode]) async throws {
        let moment = ContinuousClock.now
        for node in nodes {
            try await eventually("it refuses", within: Self.notice - (.now - moment)) {
                let peer = try await node.health().peer(died.label)
                return peer?.state == "down" && peer?.lastFailure?.reason == "connect_refused"
                    && peer?.lastFailure?.phase == "connect"
            }
        }
        var qualities: [Double] = []
        for _ in 0..<6 {
            qualities.append(try #require(try await nodes[0].health().peer(died.label)).quality)
            try await Task.sleep(for: .seconds(0.8))
        }
        #expect(zip(qualities, qualities.dropFirst()).allSatisfy { $0 > $1 }, "\(qualities)")
        #expect(qualities.last ?? 1 < 0.05, "\(qualities)")
        for node in nodes {
            let health = try await node.health()
            let peer = try #require(health.peer(died.label))
            #expect(!peer.live)
            #expect(try #require(peer.age) > 2)
            #expect(health.peerSync.peerCount == 1)
        }
    }

    @Test func `a change of state is one line in the log, however many pulls fail`() async throws {
        let peer = try ScriptedPeer(.summary(nodeID: "nova-b"))
        defer { peer.stop() }
        let node = try await ServedNode(
            peers: ["b=\(peer.url)"],
            settings: ["NOVA_FED_SYNC_INTERVAL": "0.1"]
        )
        defer { node.process.kill() }
        for round in 1...3 {
            try await eventually("it is up") { try await node.health().peer("b")?.state == "up" }
            peer.play(.answerThenClose(response(500, type: "text/plain", body: "off")))
            peer.dropConnections()
            let errors = try await node.metrics().pulls("error")
            try await eventually("five pulls more have failed") {
                try await node.metrics().pulls("error") >= errors + 5
            }
            peer.play(.summary(nodeID: "nova-b"))
            peer.dropConnections()
            try await eventually("it is up again") {
                try await node.health().peer("b")?.state == "up"
            }
            #expect(await node.logLines("peer is up", count: round + 1).count == round + 1)
            #expect(node.logLines("peer is down").count == round)
            let line = try #require(node.logLines("peer is down").last)
            #expect(line.contains("reason=http_status"))
            #expect(line.contains("phase=body"))
            #expect(line.contains("status=500"))
            #expect(line.contains("a Nova whose wisdom governor is off answers this"))
            #expect(line.contains("and so does a Nova whose Hopf distance is infinite"))
        }
        let lines = node.process.log.split(separator: "\n")
        #expect(lines.count { $0.contains("peer=b") } == 7)
        #expect(try await node.stop() == .exit(0))
    }
}
