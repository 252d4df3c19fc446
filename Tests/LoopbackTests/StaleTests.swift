import Foundation
import Glibc
import TestSupport
import Testing

/// A node whose peer keeps answering with the same numbers.
@Suite struct StaleTests {
    /// Answers with one `ts` while the file at `path` exists, and then with the current time.
    private static func script(_ nodeID: String, gStar: Double, frozenBy path: String) -> Script {
        .answering { _ in
            let isFrozen = FileManager.default.fileExists(atPath: path)
            // Ten years behind, so that the clock of the peer is wrong too.
            let ts = isFrozen ? 1_500_000_000 : Date().timeIntervalSince1970 - 315_576_000
            return response(body: summaryJSON(nodeID: nodeID, gStar: gStar, ts: ts))
        }
    }

    private static func start(
        _ peers: [String],
        _ directory: TemporaryDirectory
    ) async throws -> ServedNode {
        try await ServedNode(
            peers: peers,
            settings: [
                "NOVA_FED_STATE_DIR": directory.path, "NOVA_FED_SYNC_INTERVAL": "0.2",
                "NOVA_FED_STALE_AFTER_SEC": "2",
            ]
        )
    }

    private static func command(_ arguments: [String], _ node: ServedNode) async throws -> String {
        try await run(daemonExecutable(), arguments + ["--url", node.url]).output
    }

    @Test func `a peer with frozen numbers is stale, also after a kill, until its ts changes`()
        async throws
    {
        let directory = try TemporaryDirectory()
        let frozen = try directory.write("", to: "frozen")
        let stuck = try ScriptedPeer(Self.script("stuck", gStar: 1, frozenBy: frozen))
        let low = try ScriptedPeer(.summary(nodeID: "low", gStar: 0.4))
        let high = try ScriptedPeer(.summary(nodeID: "high", gStar: 0.6))
        defer { for peer in [stuck, low, high] { peer.stop() } }
        let peers = ["stuck=\(stuck.url)", "low=\(low.url)", "high=\(high.url)"]
        let first = try await Self.start(peers, directory)
        defer { first.process.kill() }
        let stale = try await first.events("kind=stale", count: 1)
        try #require(stale.map(\.peer) == ["stuck"])
        let lasted = try #require(stale[0].lasted)
        #expect(lasted >= 2 && lasted < 4)
        let lines = await first.logLines("peer is stale", count: 1)
        #expect(lines.map { $0.field("event") } == ["\(stale[0].id)"])

        let health = try await first.health()
        let peer = try #require(health.peer("stuck"))
        #expect(peer.state == "up" && !peer.live && !peer.counted)
        #expect(peer.flags.contains("stale") && peer.successRate == 1)
        #expect(try #require(peer.numbersAge) >= 2)
        #expect(health.peerSync.peerCount == 2 && abs(health.novelty - 0.2) < 1e-9)
        let metrics = try await first.metrics()
        let values = ["stale", "live", "up"]
            .map { metrics["nova_federation_peer_\($0){peer=\"stuck\"}"] }
        #expect(values == [1, 0, 1])
        #expect(metrics["nova_wisdom_peers"] == 2)
        let why = try await Self.command(["why", "stuck"], first)
        #expect(why.contains("Its numbers have not changed for"))
        #expect(why.contains("(NovaFederationPeerStale)"))
        #expect(why.contains("stale: its numbers have not changed for"))
        let status = try await Self.command(["status"], first)
        #expect(status.contains("1 with stale numbers: stuck"))
        #expect(status.contains(/\nstuck +stale +\d/))
        let page = try await first.page("/peers/stuck")
        #expect(page.contains("numbers have not changed for"))
        #expect(try await first.page("/").contains("stale: no new numbers for"))

        await eventually("the event is in the file") {
            let saved = try? await run(
                daemonExecutable(),
                ["events", "--kind", "stale", "--state-dir", directory.path]
            )
            return saved?.output.contains("stuck") == true
        }
        first.process.kill()
        let second = try await Self.start(peers, directory)
        defer { second.process.kill() }
        #expect(try await second.health().peer("stuck")?.flags.contains("stale") == true)
        await eventually("it has pulled") {
            (try? await second.metrics())?.pulls("success") ?? 0 > 6
        }
        let again = try #require(try await second.health().peer("stuck"))
        #expect(again.state == "up" && !again.live && again.flags.contains("stale"))
        #expect(try #require(again.numbersAge) > peer.numbersAge ?? .infinity)
        #expect(try await second.events("kind=stale").events == stale)
        #expect(second.logLines("peer is stale").isEmpty)

        try FileManager.default.removeItem(atPath: frozen)
        let fresh = try await second.events("kind=fresh", count: 1)
        #expect(fresh.map(\.peer) == ["stuck"])
        #expect(try #require(fresh[0].lasted) > 0)
        #expect(await second.logLines("peer is fresh again", count: 1).count == 1)
        // Its clock is still ten years behind.
        let live = try await second.health()
        #expect(live.peer("stuck")?.live == true && live.peerSync.peerCount == 3)
        #expect(try await second.stop() == .exit(0))
    }

    @Test func `a reload applies another limit`() async throws {
        let directory = try TemporaryDirectory()
        let frozen = try directory.write("", to: "frozen")
        let stuck = try ScriptedPeer(Self.script("stuck", gStar: 1, frozenBy: frozen))
        defer { stuck.stop() }
        let config = try directory.write("NOVA_FED_STALE_AFTER_SEC=300\n", to: "node.env")
        var environment = ServedNode.environment(peers: ["stuck=\(stuck.url)"], port: 0)
        environment["NOVA_FED_SYNC_INTERVAL"] = "0.2"
        let process = try ChildProcess(
            daemonExecutable(),
            ["serve", "--config", config],
            environment: environment
        )
        defer { process.kill() }
        let node = ServedNode(process: process, port: try await ServedNode.port(of: process))
        await eventually("its numbers are a second old") {
            (try? await node.health().peer("stuck")?.numbersAge) ?? 0 > 1
        }
        #expect(try await node.health().peerSync.peerCount == 1)
        _ = try directory.write("NOVA_FED_STALE_AFTER_SEC=0.5\n", to: "node.env")
        process.send(SIGHUP)
        _ = try await node.events("kind=stale", count: 1)
        #expect(try await node.health().peerSync.peerCount == 0)
        _ = try directory.write("NOVA_FED_STALE_AFTER_SEC=0.1\n", to: "node.env")
        process.send(SIGHUP)
        let failed = try await node.events("kind=reload_failed", count: 1)
        #expect(failed.first?.detail?.contains("NOVA_FED_STALE_AFTER_SEC") == true)
        _ = try directory.write("NOVA_FED_STALE_AFTER_SEC=300\n", to: "node.env")
        process.send(SIGHUP)
        _ = try await node.events("kind=fresh", count: 1)
        #expect(try await node.health().peerSync.peerCount == 1)
    }
}
