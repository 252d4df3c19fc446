import Federation
import Foundation
import JSON
import TestSupport
import Testing

@testable import Pages
@testable import Settings

/// The JSON at /federation/health and /federation/wisdom as functions of a status.
struct HealthPageTests {
    static func text(_ json: JSONOutput) -> String { String(decoding: json.bytes, as: UTF8.self) }

    /// The JSON with one field on each line, so that differences are readable.
    static func lines(_ json: JSONOutput) -> String {
        text(json).replacing("{", with: "{\n").replacing(",\"", with: ",\n\"") + "\n"
    }

    static func health(_ status: NodeStatus) throws -> [String: Any] {
        let object = try JSONSerialization.jsonObject(
            with: Data(status.healthPage.bytes)
        )
        return try #require(object as? [String: Any])
    }

    @Test
    func `the health page equals its fixture`() throws {
        let json = try PageSpecimen().status().healthPage
        let version = "\"version\":\"\(try productVersion())\""
        let lines = Self.lines(json).replacing(version, with: "\"version\":\"VERSION\"")
        try expectFixture("health.json.txt", lines)
    }

    @Test
    func `the wisdom page equals its fixture`() throws {
        let json = try PageSpecimen().status().wisdomPage
        try expectFixture("wisdom.json.txt", Self.lines(json))
    }

    @Test
    func `the node id and version of a peer are shown unchanged`() throws {
        let health = try Self.health(try PageSpecimen().status())
        let peers = try #require(health["peers"] as? [[String: Any]])
        let hostile = try #require(peers.first { $0["id"] as? String == "hostile" })
        #expect(hostile["node_id"] as? String == PageSpecimen.hostile)
        #expect(hostile["version"] as? String == PageSpecimen.hostile)
    }

    @Test(arguments: [-86_400.0, 0, 86_400])
    func `a step of the wall clock does not change the ages of peers and failures`(
        step: Double
    ) throws {
        var status = try PageSpecimen().status()
        status.wall += step
        let peers = try #require(try Self.health(status)["peers"] as? [[String: Any]])
        let alpha = try #require(peers.first { $0["id"] as? String == "alpha" })
        #expect(alpha["age"] as? Double == 10)
        #expect((alpha["last_failure"] as? [String: Any])?["age"] as? Double == 93)
    }

    @Test(arguments: ["1", "0"])
    func `the number of configured peers equals the gauge`(isPulling: String) throws {
        let status = try PageSpecimen.with { $0.environment["NOVA_FED_SYNC_ENABLED"] = isPulling }
        let sync = try #require(try Self.health(status)["peer_sync"] as? [String: Any])
        #expect(sync["configured"] as? Int == 9)
        let page = MetricsPageTests.page(status)
        #expect(MetricsPageTests.series("nova_federation_peers", in: page) == ["9"])
    }

    @Test
    func `peers are sorted by id`() throws {
        let health = try Self.health(try PageSpecimen().status())
        let ids = try #require(health["peers"] as? [[String: Any]])
            .compactMap { $0["id"] as? String }
        #expect(ids.count == 9 && ids == ids.sorted())
    }

    static let gates: [(change: [String: String], ready: Bool, reason: String?)] = [
        ([:], true, nil),
        (["NOVA_FED_MIN_PEER_QUALITY": "0.5"], true, nil),
        (
            ["NOVA_FED_MIN_PEER_QUALITY": "0.5", "NOVA_FED_MIN_GOOD_PEERS": "5"], false,
            "4 peers have a quality of 0.5 or more; 5 are required"
        ),
        (["NOVA_FED_SYNC_ENABLED": "0"], false, Mode.singleNodeNotice),
        (["NOVA_FED_PEERS": ""], false, Mode.singleNodeNotice),
        (["NOVA_FED_PEERS": "new=http://10.0.0.9"], false, "no peer is live"),
        (["NOVA_FED_PEERS": "self=http://10.0.0.4"], false, "no peer is live"),
    ]

    @Test(arguments: gates.indices)
    func `readiness agrees with its reasons and with the gauge`(index: Int) throws {
        let gate = Self.gates[index]
        let status = try PageSpecimen.with { specimen in
            specimen.environment.merge(gate.change) { $1 }
        }
        let health = try Self.health(status)
        #expect(health["ready"] as? Bool == gate.ready)
        #expect(health["reasons"] as? [String] == (gate.reason.map { [$0] } ?? []))
        let gauge = MetricsPageTests.series(
            "nova_federation_ready",
            in: MetricsPageTests.page(status)
        )
        #expect(gauge == [gate.ready ? "1" : "0"])
    }

    @Test
    func `the largest and smallest doubles are valid JSON numbers`() throws {
        let ends = [
            Double.greatestFiniteMagnitude, -.greatestFiniteMagnitude, .leastNonzeroMagnitude, -0.0,
        ]
        for end in ends {
            let status = try PageSpecimen.with { specimen in
                var metrics = SummaryNumbers.resting
                metrics.stabilityMargin = end
                metrics.peerQuality = end
                metrics.hopfDistance = abs(end)
                metrics.spectralRadius = abs(end)
                specimen.local.metrics = metrics
                let summary = Summary(
                    nodeID: "a",
                    ts: max(abs(end), .leastNonzeroMagnitude),
                    version: "",
                    metrics: metrics,
                    instance: nil
                )
                specimen.pulls.append(
                    PageSpecimen.Pulled(peer: "alpha", seconds: 99, outcome: .success(summary))
                )
            }
            // JSON has no numbers that are not finite.
            #expect(throws: Never.self) {
                _ = try Self.health(status)
                _ = try JSONSerialization.jsonObject(
                    with: Data(status.wisdomPage.bytes)
                )
            }
            let peers = try #require(try Self.health(status)["peers"] as? [[String: Any]])
            let alpha = try #require(peers.first { $0["id"] as? String == "alpha" })
            #expect((alpha["ts_age"] as? Double)?.isFinite == true)
        }
    }

    @Test(arguments: [Double.nan, .infinity, -.infinity])
    func `a number that is not finite is null`(number: Double) {
        #expect(Self.text(["a": .double(number)]) == #"{"a":null}"#)
        #expect(Self.text(.list([.number(number), .number(nil)])) == "[null,null]")
    }

    @Test
    func `before the source has given numbers they are null`() throws {
        let status = try PageSpecimen.with { specimen in
            specimen.local = LocalState()
            specimen.local.problem = "file:/x cannot be read"
        }
        let source = try #require(try Self.health(status)["source"] as? [String: Any])
        #expect(source["ok"] as? Bool == false && source["age"] is NSNull)
        #expect(source["error"] as? String == "file:/x cannot be read")
        let wisdom = Self.text(status.wisdomPage)
        for field in ["components", "g_star", "gamma", "stability_margin", "hopf_distance"] {
            #expect(wisdom.contains(#""\#(field)":null"#), "\(field)")
        }
    }

    @Test
    func `an infinite Hopf distance is null`() throws {
        let status = try PageSpecimen.with { specimen in
            specimen.local.metrics?.hopfDistance = Summary.infiniteHopfDistance
        }
        #expect(Self.text(status.wisdomPage).contains(#""hopf_distance":null"#))
    }
}
