import Federation
import TestSupport
import Timing

/// A node that pulls four peers for three days; a few pulls fail.
///
/// One peer always answers with the same summary, the clocks of two are ten years off, and one is
/// honest.
struct Frozen {
    private static let seconds = 3 * 86_400.0
    private static let tenYears = 315_576_000.0
    /// The names of the peers, in order, and the errors of their clocks in seconds.
    private static let peers: [(name: String, off: Double)] = [
        ("ahead", tenYears), ("behind", -tenYears), ("frozen", 0), ("honest", 0),
    ]

    private let scenario: Scenario
    private var ledger: Ledger
    private var generator: SeededGenerator
    /// When the frozen peer first answered, and whether its latest pull was good.
    private var frozenSince: Instant?
    private var isUp = false

    init(_ scenario: Scenario) {
        self.scenario = scenario
        generator = SeededGenerator(seed: scenario.seed ^ 0x6672_6f7a_656e_0000)
        let identity = NodeIdentity(nodeID: "observer", instance: "1")
        ledger = Ledger(identity: identity, window: Scenario.window, interval: Scenario.interval)
        ledger.staleAfter =
            scenario.fault == .frozen ? .seconds(Self.seconds * 2) : Scenario.staleAfter
        for (name, _) in Self.peers {
            _ = ledger.insert(
                Peer(label: name, scheme: .http, host: name, port: 8_100, pathPrefix: "")
            )
        }
    }

    /// Runs the three days, and checks the report after each interval.
    mutating func run(_ checks: inout Checks) throws(Violation) {
        for start in stride(from: 0, to: Self.seconds, by: Scenario.interval.inSeconds) {
            var now = Instant(seconds: start)
            for index in Self.peers.indices {
                now = now + .seconds(Double.random(in: 0.1..<5, using: &generator))
                pull(index, at: now)
            }
            try check(at: now, &checks)
        }
    }

    private mutating func pull(_ index: Int, at now: Instant) {
        let (name, off) = Self.peers[index]
        let clock = Clock(now: now, offSeconds: 0)
        let isGood = Double.random(in: 0..<1, using: &generator) < 0.97
        if name == "frozen" {
            isUp = isGood
            if isGood { frozenSince = frozenSince ?? now }
        }
        // A node ticks every 15 s.
        let tick = Scenario.tick.inSeconds
        let ts = name == "frozen" ? 1 : ((clock.wallNow + off) / tick).rounded(.down) * tick
        var metrics = SummaryNumbers.resting
        metrics.gStar = Double(index) / 4
        let summary = Summary(nodeID: name, ts: ts, version: "1", metrics: metrics, instance: nil)
        _ = ledger.record(
            Observation(
                index: index,
                received: now,
                wall: clock.wallNow,
                timings: Timings(dns: 0, connect: 0, tls: 0, firstByte: 0.01, total: 0.02),
                outcome: isGood ? .success(summary) : .failure(Failure(.timedOut))
            )
        )
    }

    private func check(at now: Instant, _ checks: inout Checks) throws(Violation) {
        let report = Report(of: ledger, at: now, scoring: scenario.scoring)
        for peer in report.peers where peer.peer.label != "frozen" {
            let isOff = (peer.tsAgeSeconds ?? 0).magnitude >= Scenario.staleAfter.inSeconds
            let isStale = scenario.fault == .skew ? isOff : peer.isStale
            try checks.expect(.skew, !isStale, "observer", now, "\(peer.peer.label) is stale")
        }
        // Before, its numbers are not old enough; a failed pull shows nothing.
        guard let frozenSince, isUp, now - frozenSince >= Scenario.staleAfter + .seconds(20) else {
            return
        }
        let frozen = report.peers[2]
        let gStars = report.peers.filter { $0.isLive && $0.peer.label != "frozen" }
            .compactMap(\.gStar)
        try checks.expect(
            .frozen,
            frozen.state == .up && frozen.isStale && !frozen.isCounted
                && report.peerGStars.sorted() == gStars.sorted()
                && report.novelty == Novelty.of(report.peerGStars),
            "observer",
            now,
            "it is \(frozen.state.rawValue), and N is that of \(report.peerGStars)"
        )
    }
}
