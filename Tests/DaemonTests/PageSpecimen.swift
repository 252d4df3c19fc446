import Federation
import Foundation
import TestSupport
import Testing

@testable import Pages
@testable import Settings
@testable import Timing

/// An example status, with one peer for each case that a page distinguishes.
struct PageSpecimen {
    /// The wall clock at monotonic time 0.
    static let epoch = 1_800_000_000.0
    /// The node id and version of a hostile peer.
    static let hostile = "a\"b\\c\nd} 1\n# EOF\u{202E}é"

    var environment = [
        "FEDERATION_ENABLED": "1", "NOVA_FED_SYNC_ENABLED": "1",
        "NOVA_FED_PEERS": [
            "alpha=http://10.0.0.1:8100", "http://10.0.0.2:8100/nova", "clone=http://10.0.0.3",
            "self=http://10.0.0.4", "twin-1=http://10.0.0.5", "twin-2=http://10.0.0.6",
            "wanderer=http://10.0.0.7", "hostile=http://10.0.0.8", "new=http://10.0.0.9",
        ]
        .joined(separator: ","),
    ]
    /// All pulls in the order in which they ended.
    var pulls = Self.variedPulls
    var local = governed
    var heard = Heard(by: 3, secondsAgo: 4)
    var isDraining = false
    /// The moment of the status, in seconds of the monotonic clock.
    var seconds = 100.0

    /// The state after a tick of the governor with a TRI coherence.
    private static var governed: LocalState {
        var governor = Governor(
            constants: GovernorConstants(),
            context: Context(mode: .auto, minPeers: 2, hysteresis: .seconds(120))
        )
        let gStars = [0.2, 0.8, 0.5, 1]
        let wisdom = governor.tick(
            at: Instant(seconds: 95),
            peerGStars: gStars,
            triCoherence: 0.5
        )
        return LocalState(
            metrics: wisdom.summaryNumbers(peerQuality: 0.9),
            ts: epoch + 95,
            tickedWall: epoch + 95,
            peerGStars: gStars,
            countedPeers: zip(["alpha", "twin-2", "wanderer", "hostile"], gStars)
                .map { CountedPeer(label: $0, nodeID: "node of \($0)", gStar: $1) },
            context: wisdom.context,
            wisdom: wisdom,
            triEtaCap: wisdom.triEtaCap
        )
    }

    /// One pull that ended.
    struct Pulled {
        var peer: String
        var seconds: Double
        var outcome: Result<Summary, Failure>
        var took = 0.02
    }

    /// Alpha is up, one peer is down, each other one is a special case; `new` has no pull.
    private static var variedPulls: [Pulled] {
        var pulls: [Pulled] = []
        for second in 1...6 {
            pulls.append(good("alpha", Double(second), "node-a", gStar: 0.2))
        }
        pulls.append(failed("alpha", 7, Failure(.timedOut, stage: .firstByte, detail: "slow")))
        pulls.append(good("alpha", 90, "node-a", gStar: 0.2))
        let refused = Failure(.wrongType, status: 200, detail: "metrics.gamma is a string")
        pulls.append(failed("10.0.0.2:8100/nova", 91, refused))
        pulls.append(good("clone", 92, "here", instance: "ffffffff"))
        pulls.append(good("self", 93, "here", instance: "0000000a"))
        pulls.append(good("twin-1", 94, "node-t", gStar: 0.4))
        pulls.append(good("twin-2", 95, "node-t", gStar: 0.8))
        for (second, node) in [(91.0, "w1"), (92, "w2"), (93, "w3"), (94, "w4")] {
            pulls.append(good("wanderer", second, node, gStar: 0.5))
        }
        pulls.append(good("hostile", 96, hostile, gStar: 1, version: hostile))
        return pulls.sorted { $0.seconds < $1.seconds }
    }

    static func good(
        _ peer: String,
        _ seconds: Double,
        _ node: String,
        gStar: Double = 0.3,
        version: String = "16.2",
        instance: String? = nil
    ) -> Pulled {
        var metrics = SummaryNumbers.resting
        metrics.gStar = gStar
        let summary = Summary(
            nodeID: node,
            ts: epoch + seconds - 0.5,
            version: version,
            metrics: metrics,
            instance: instance
        )
        return Pulled(peer: peer, seconds: seconds, outcome: .success(summary))
    }

    static func failed(_ peer: String, _ seconds: Double, _ failure: Failure) -> Pulled {
        Pulled(peer: peer, seconds: seconds, outcome: .failure(failure))
    }

    /// The status of a specimen that the test has changed.
    static func with(_ change: (inout PageSpecimen) -> Void) throws -> NodeStatus {
        var specimen = PageSpecimen()
        change(&specimen)
        return try specimen.status()
    }

    func status() throws -> NodeStatus { try snapshot().status }

    /// The status and the ledger from which it was computed.
    func snapshot() throws -> (status: NodeStatus, ledger: Ledger, now: Instant) {
        let settings = try Settings.load(environment: environment, file: nil, fileLimit: 20_000)
            .settings
        let identity = NodeIdentity(nodeID: "here", instance: "0000000a")
        var ledger = Ledger(
            identity: identity,
            window: settings.window,
            interval: settings.interval
        )
        var slots: [String: Peer.Index] = [:]
        for peer in settings.mode == .peerSync ? settings.peers : [] {
            slots[peer.label] = ledger.insert(peer)
        }
        var activity = Activity()
        for pull in pulls {
            guard let index = slots[pull.peer] else { continue }
            activity.lateness.record(0.0005)
            _ = ledger.record(observation(of: pull, index: index))
        }
        let now = Instant(seconds: seconds)
        let status = NodeStatus(
            identity: identity,
            settings: settings,
            lastReload: LastReload(isGood: true, lastGood: Self.epoch),
            report: Report(of: ledger, at: now, scoring: settings.scoring),
            activity: activity,
            local: local,
            heard: heard,
            isDraining: isDraining,
            wall: Self.epoch + seconds,
            uptime: seconds
        )
        return (status, ledger, now)
    }

    private func observation(of pull: Pulled, index: Peer.Index) -> Observation {
        Observation(
            index: index,
            received: Instant(seconds: pull.seconds),
            wall: Self.epoch + pull.seconds,
            timings: Timings(dns: 0, connect: 0, tls: 0, firstByte: 0.01, total: pull.took),
            outcome: pull.outcome
        )
    }
}

/// Compares a text with its file in Tests/DaemonTests/Fixtures; long fractions are rounded.
///
/// UPDATE_FIXTURES=1 in the environment writes the file and fails the test.
func expectFixture(
    _ name: String,
    _ text: String,
    sourceLocation: SourceLocation = #_sourceLocation
) throws {
    let path = "\(packageRoot)/Tests/DaemonTests/Fixtures/\(name)"
    let found = text.replacing(/-?\d+\.\d{7,}(e-?\d+)?/) { match in
        let value = Double(match.output.0) ?? .nan
        return "\((value * 1e6).rounded() / 1e6)"
    }
    if ProcessInfo.processInfo.environment["UPDATE_FIXTURES"] == "1" {
        try Data(found.utf8).write(to: URL(fileURLWithPath: path))
        Issue.record("\(name) was written: review it and run again", sourceLocation: sourceLocation)
    }
    let expected = try String(contentsOfFile: path, encoding: .utf8)
    let difference = zip(found.split(separator: "\n"), expected.split(separator: "\n"))
        .first { $0 != $1 }
    #expect(
        found == expected,
        "\(name): \(difference.map { "\($0)" } ?? "one is longer")",
        sourceLocation: sourceLocation
    )
}
