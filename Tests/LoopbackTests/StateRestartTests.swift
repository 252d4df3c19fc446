import Foundation
import Glibc
import TestSupport
import Testing

/// What a federation notices of the restart of a node that keeps its state.
@Suite struct StateRestartTests {
    /// Different weights give each node another G*, so that N is above 0.
    private static func start(
        _ index: Int,
        of ports: [Int],
        _ folder: TemporaryDirectory
    ) async throws -> ServedNode {
        try await ServedNode(
            peers: ports.indices.filter { $0 != index }.map { "http://127.0.0.1:\(ports[$0])" },
            port: ports[index],
            settings: restingEta.merging([
                "NOVA_FED_STATE_DIR": try folder.folder("node-\(index)"),
                "NOVA_FED_SYNC_INTERVAL": "0.5",
                "NOVA_WISDOM_G_WEIGHTS": "0.4,0.3,0.\(3 + 2 * index)",
            ]) { $1 }
        )
    }

    private static func gStar(_ node: ServedNode) async throws -> Double {
        try await node.summary().metrics.gStar
    }

    enum Ending: CaseIterable {
        case stopped, killed
    }

    @Test(arguments: Ending.allCases)
    func `a restart moves G* by less than 0.005, and nothing that was known is logged again`(
        _ ending: Ending
    ) async throws {
        let folder = try TemporaryDirectory()
        let ports = try (0..<4).map { _ in try freePort() }
        var nodes: [ServedNode] = []
        defer { for node in nodes { node.process.kill() } }
        for index in ports.indices { nodes.append(try await Self.start(index, of: ports, folder)) }
        for node in nodes {
            try await eventually("it has pulled three peers six times", within: .seconds(20)) {
                let areUp = try await node.health().peers
                    .allSatisfy { $0.state == "up" && $0.samples > 5 }
                let context = try await node.wisdom().context
                return areUp && context == "federated"
            }
        }
        var before = try await Self.gStar(nodes[0])
        try await eventually("G* is steady", within: .seconds(20)) {
            let last = before
            try await Task.sleep(for: .seconds(1))
            before = try await Self.gStar(nodes[0])
            return abs(before - last) < 1e-4
        }
        // Without its peers it would be at most 0.30.
        try #require(before > 0.32)
        let nodeID = try await nodes[0].health().nodeId

        switch ending {
        case .stopped: #expect(try await nodes[0].stop() == .exit(0))
        case .killed:
            let started = Date().timeIntervalSince1970
            // The first save of the state follows 30 s after the start.
            try await eventually("the steady state is saved", within: .seconds(50)) {
                let saved = "nova_federation_state_saved_timestamp_seconds"
                return try await nodes[0].metrics()[saved] ?? 0 > started
            }
            try await expectRest(of: nodes[0], folder.file("node-0/state.db-wal"))
            before = try await Self.gStar(nodes[0])
            nodes[0].process.kill()
        }
        nodes[0] = try await Self.start(0, of: ports, folder)

        // From its first response until it has pulled each peer several times.
        var seen: [Double] = [try await Self.gStar(nodes[0])]
        let first = try await nodes[0].health()
        #expect(first.nodeId == nodeID)
        #expect(first.states.values.allSatisfy { $0 == "up" })
        #expect(first.peers.allSatisfy { $0.live && $0.counted && $0.samples > 5 })
        try await eventually("it has pulled its peers again") {
            seen.append(try await Self.gStar(nodes[0]))
            return try await nodes[0].metrics().pulls("success") >= 12
        }
        let farthest = seen.map { abs($0 - before) }.max() ?? 1
        #expect(farthest < 0.005, "\(before), then \(seen)")
        for known in ["peer is", "peer identity", "context changed", "governor changed", "damaged"]
        {
            #expect(nodes[0].logLines(known).isEmpty, "\(known)")
        }
        let start = try await nodes[0].events("kind=start&limit=1").events.first?.id ?? 0
        let events = try await nodes[0].events().events.filter { $0.id >= start }
        #expect(events.map(\.kind) == ["start"])
        #expect(nodes[0].process.poll() == nil)
    }

    /// Checks that a node which saved its state, and has no events, writes nothing for a while.
    private func expectRest(of node: ServedNode, _ log: String) async throws {
        func modified() throws -> Date? {
            try FileManager.default.attributesOfItem(atPath: log)[.modificationDate] as? Date
        }
        let before = try modified()
        let pulls = try await node.metrics().pulls("success")
        try await eventually("it has pulled each peer twice") {
            try await node.metrics().pulls("success") >= pulls + 6
        }
        #expect(try modified() == before)
    }

    enum NameServer: CaseIterable {
        case hung, ended, refusing
    }

    @Test(arguments: NameServer.allCases)
    func `without DNS a restarted node pulls its peers at their last good addresses`(
        _ ending: NameServer
    ) async throws {
        let network = try await NetworkNamespace()
        defer { network.close() }
        let nameServer = try await network.startNameServer()
        defer { nameServer.kill() }
        try network.setNames(["a.test", "b.test"], at: nameServer)
        let peer = try await network.startNode(port: 8101)
        defer { peer.kill() }
        let directory = try TemporaryDirectory()
        func start() async throws -> ChildProcess {
            try await network.startNode(
                port: 8100,
                peers: [
                    "a=http://a.test:8101", "b=http://b.test:8101", "number=http://127.0.0.1:8101",
                ],
                settings: [
                    "NOVA_FED_STATE_DIR": directory.path, "NOVA_FED_SYNC_INTERVAL": "0.5",
                ]
            )
        }
        let first = try await start()
        defer { first.kill() }
        try await eventually("the addresses are two seconds old", within: .seconds(20)) {
            let health = try await network.health(port: 8100)
            return ["a", "b"].allSatisfy { health.peer($0)?.addressAge ?? 0 > 2 }
        }
        first.send(SIGTERM)
        #expect(try await first.waitForEnd() == .exit(0))
        switch ending {
        case .hung: nameServer.send(SIGSTOP)
        case .ended: nameServer.kill()
        case .refusing: try network.setNames([], at: nameServer)
        }

        let second = try await start()
        defer { second.kill() }
        try await eventually("each was pulled several times", within: .seconds(20)) {
            try await network.metrics(port: 8100).pulls("success") >= 9
        }
        let health = try await network.health(port: 8100)
        for name in ["a", "b"] {
            let peer = try #require(health.peer(name))
            #expect(peer.state == "up" && peer.successRate == 1)
            // They were resolved two seconds before the first run ended.
            #expect(try #require(peer.addressAge) > 2 + health.uptime / 2, "\(name)")
        }
        #expect(try #require(health.peer("number")).addressAge == nil)
        #expect(try await network.metrics(port: 8100).pulls("error") == 0)
        #expect(!second.log.contains("peer is down"))
        second.send(SIGTERM)
        #expect(try await second.waitForEnd(within: .seconds(5)) == .exit(0))
    }
}
