import Federation
import Foundation
import JSON
import PeerSync
import TestSupport
import Testing

@testable import Daemon
@testable import Pages
@testable import Settings

/// The numbers on a page belong to one moment.
struct OneMomentTests {
    /// A node with four peers; pulls, ticks and pages can come in any order.
    private struct Scenario {
        let clock = LocalNodeTests.Clock()
        let store = LocalNodeTests.store(peers: 4)
        let node: LocalNode<LocalNodeTests.Clock>

        init() async throws {
            node = try LocalNodeTests.node(.governor, time: clock, store: store)
            await node.start()
        }

        /// The status at this moment.
        func status() throws -> NodeStatus {
            var status = try PageSpecimen().status()
            let ledger = store.latest.ledger
            status.local = node.latest
            status.report = Report(of: ledger, at: clock.now, scoring: status.settings.scoring)
            status.wall = clock.wallNow
            return status
        }
    }

    private static func object(_ json: JSONOutput) throws -> [String: Any] {
        let object = try JSONSerialization.jsonObject(with: Data(json.bytes))
        return try #require(object as? [String: Any])
    }

    /// Checks that the pages agree, whatever happened since the last tick.
    private func expectAgreement(_ status: NodeStatus, _ comment: Comment) throws {
        let wisdom = try Self.object(status.wisdomPage)
        let source = try #require(
            try Self.object(status.healthPage)["source"] as? [String: Any]
        )
        let gStars = try #require(wisdom["peer_gstars"] as? [Double])
        let components = try #require(wisdom["components"] as? [String: Any])
        let gStar = try #require(wisdom["g_star"] as? Double)
        let g0 = try #require(wisdom["g0"] as? Double)
        let part = { (name: String) throws in try #require(components[name] as? Double) }
        let uncapped =
            try 0.4 * part("progress") + 0.3 * part("novelty") + 0.3 * part("consistency")

        let isCapped = gStars.count < 2
        #expect(source["g_star_capped"] as? Bool == isCapped, comment)
        #expect(abs(gStar - (isCapped ? min(uncapped, 0.3) : uncapped)) < 1e-12, comment)
        #expect(wisdom["novelty"] as? Double == components["novelty"] as? Double, comment)
        // JSONSerialization reads the last digit of some numbers differently.
        #expect(abs(try part("novelty") - Novelty.of(gStars)) < 1e-12, comment)
        #expect((wisdom["context"] as? String == "federated") == (g0 == 0.6), comment)
        #expect(!isCapped || wisdom["novelty"] as? Double == 0, comment)
        #expect(gStars.count < 2 || wisdom["context"] as? String == "federated", comment)
    }

    @Test(arguments: 1...4)
    func `G*, its cap, N and the peers' G* belong to one tick`(seed: UInt64) async throws {
        var generator = SeededGenerator(seed: seed)
        let scenario = try await Scenario()
        var caps: Set<Bool> = []
        var differing = 0
        for step in 0..<400 {
            scenario.clock.advance(Double.random(in: 0.1...20, using: &generator))
            if Int.random(in: 0..<3, using: &generator) > 0 {
                var turn = PeerStore.Iteration()
                // Some peers stay silent for long, so that peers come and go.
                let last = [2, 0, 4, 1][step / 30 % 4]
                turn.observations = (0..<last)
                    .map { index in
                        let gStar = Double.random(in: 0...1, using: &generator)
                        return .good(index, at: scenario.clock.now, gStar: gStar)
                    }
                _ = await scenario.store.record(turn)
            } else {
                await scenario.node.wake()
            }
            let status = try scenario.status()
            try expectAgreement(status, "seed \(seed), step \(step)")
            caps.insert(status.local.isCapped)
            if status.report.liveCount != status.local.peerGStars.count { differing += 1 }
        }
        #expect(caps.count == 2 && differing >= 5, "differed \(differing) times")
    }

    @Test func `numbers of a file that become old between two ticks are old on all pages`()
        throws
    {
        func source(age: Double) throws -> (health: [String: Any], gauge: [String]) {
            let status = try PageSpecimen.with { specimen in
                specimen.environment["NOVA_FED_LOCAL_SOURCE"] = "file:/tmp/x.json"
                specimen.local.wisdom = nil
                specimen.local.ts = PageSpecimen.epoch + 100 - age
            }
            let health = try Self.object(status.healthPage)
            let page = MetricsPageTests.page(status)
            return (
                try #require(health["source"] as? [String: Any]),
                MetricsPageTests.series("nova_federation_source_ok", in: page)
            )
        }
        let (young, old) = (try source(age: 240), try source(age: 240.5))
        #expect(young.health["ok"] as? Bool == true && young.gauge == ["1"])
        #expect(old.health["ok"] as? Bool == false && old.gauge == ["0"])
        let error = try #require(old.health["error"] as? String)
        #expect(error == "file:/tmp/x.json has numbers older than 240 s")
    }
}
