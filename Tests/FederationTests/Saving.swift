import Federation
import TestSupport

@testable import Timing

extension Ledger {
    /// The rows that the saved state has of the peers, by URL, at a moment of this ledger's clock.
    func rows(at seconds: Double) -> [String: [UInt8]] {
        let clock = SavedTime(now: running[Instant(seconds: seconds)], wall: epoch + seconds)
        var rows: [String: [UInt8]] = [:]
        for (index, peer) in peers { rows[peer.url] = self[index]?.saved(by: clock) }
        return rows
    }

    /// A fresh ledger with the same peers, in the same order, that restores `rows`.
    ///
    /// Its clock begins anew: it shows `moment` when the wall clock shows `wall`.
    func restarted(
        _ rows: [String: [UInt8]],
        savedAt: Double,
        moment: Double = SavedState.moment,
        wall: Double
    ) -> (ledger: Ledger, damaged: [String]) {
        var ledger = Ledger(identity: ourselves, window: window)
        ledger.staleAfter = staleAfter
        for (_, peer) in peers { _ = ledger.insert(peer) }
        let clock = SavedTime(
            now: Instant(seconds: moment),
            wall: epoch + wall,
            savedAt: epoch + savedAt
        )
        let damaged = ledger.restore(rows, by: clock)
        return (ledger, damaged)
    }
}

/// Peers with all kinds of histories, as tests of the saved state need them.
enum SavedState {
    /// When the clock of a restarted process shows this, its state is restored.
    static let moment = 7.0
    /// When the histories end.
    static let end = 290.0

    /// A ledger in which each peer has another history, and when it ends.
    static func ledger() -> Ledger {
        var ledger = Ledger(identity: ourselves, window: .seconds(300))
        ledger.staleAfter = .seconds(200)
        var random = SeededGenerator(seed: 7)
        var pulls: [Observation] = []
        for (name, history) in histories {
            pulls += history(ledger.insert(.named(name)), &random)
        }
        ledger.record(all: pulls.sorted { $0.received < $1.received })
        return ledger
    }

    private typealias History = (Peer.Index, inout SeededGenerator) -> [Observation]

    /// Pulls every 20 s, the last at 280 s; every latency is another one.
    private static func pulls(
        of index: Peer.Index,
        _ random: inout SeededGenerator,
        _ change: (Int, inout Observation) -> Void
    ) -> [Observation] {
        (0..<15)
            .map { number in
                let seconds = Double(number) * 20 + Double(index) / 100
                let took = Double.random(in: 0.001...2.5, using: &random)
                var summary = Summary.from("nova-\(index)", gStar: Double(index) / 40)
                summary.ts = epoch + seconds - took
                var pull = Observation.good(index, at: seconds, summary, took: took)
                change(number, &pull)
                return pull
            }
    }

    private static func fail(_ pull: inout Observation, _ failure: Failure) {
        pull.outcome = .failure(failure)
    }

    private static func answer(_ pull: inout Observation, as id: String, _ instance: String? = nil)
    {
        guard case .success(var summary) = pull.outcome else { return }
        (summary.nodeID, summary.instance) = (id, instance)
        pull.outcome = .success(summary)
    }

    /// Peers that end in these states.
    private static var histories: [(String, History)] { states + failures }

    private static var states: [(String, History)] {
        [
            ("never-pulled", { _, _ in [] }),
            ("up", { pulls(of: $0, &$1) { _, _ in } }),
            (
                "recovered",
                {
                    pulls(of: $0, &$1) { number, pull in
                        if number % 3 == 1 { fail(&pull, Failure(.timedOut, stage: .connect)) }
                    }
                }
            ),
            (
                "held-up",
                {
                    pulls(of: $0, &$1) { number, pull in
                        pull.timings.wasHeldUp = number % 2 == 0
                        pull.timings.addressAge = Double(number)
                    }
                }
            ),
            (
                "always-held-up",
                { pulls(of: $0, &$1) { _, pull in pull.timings.wasHeldUp = true } }
            ),
            (
                "stale",
                {
                    pulls(of: $0, &$1) { number, pull in
                        guard number > 3, case .success(var summary) = pull.outcome else { return }
                        summary.ts = epoch
                        pull.outcome = .success(summary)
                    }
                }
            ),
            ("clone", { pulls(of: $0, &$1) { _, pull in answer(&pull, as: "here", "b") } }),
            ("itself", { pulls(of: $0, &$1) { _, pull in answer(&pull, as: "here", "0000000a") } }),
            ("first-of-two", { pulls(of: $0, &$1) { _, pull in answer(&pull, as: "shared") } }),
            ("duplicate", { pulls(of: $0, &$1) { _, pull in answer(&pull, as: "shared") } }),
            (
                "took-over",
                {
                    pulls(of: $0, &$1) { number, pull in
                        answer(&pull, as: number < 9 ? "nova-old" : "shared")
                    }
                }
            ),
            (
                "changing",
                { pulls(of: $0, &$1) { number, pull in answer(&pull, as: "n\(number % 4)") } }
            ),
            (
                "expired",
                {
                    pulls(of: $0, &$1) { number, pull in
                        if number > 7 { fail(&pull, Failure(.connectRefused, stage: .connect)) }
                    }
                }
            ),
            ("never-up", { pulls(of: $0, &$1) { _, pull in fail(&pull, Failure(.dnsFailed)) } }),
        ]
    }

    /// Each reason, each stage and none.
    private static var failures: [(String, History)] {
        FailureReason.allCases.enumerated()
            .map { place, reason in
                let stages = [nil] + PullStage.allCases.map(Optional.some)
                let failure = Failure(
                    reason,
                    stage: stages[place % stages.count],
                    status: place % 2 == 0 ? nil : 500 + place,
                    detail: place % 4 == 0 ? "" : "detail “\(place)”\n"
                )
                return (
                    "down-\(reason.rawValue)",
                    {
                        pulls(of: $0, &$1) { number, pull in
                            if number > 12 { fail(&pull, failure) }
                        }
                    }
                )
            }
    }
}
