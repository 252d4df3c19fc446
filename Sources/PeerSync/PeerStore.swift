package import Federation
internal import Synchronization
package import Timing

/// What is known about the peers, for everybody who asks: the ledger behind one door.
///
/// It receives what a turn of the loop came to, and hands out values; whoever needs a report makes
/// it from a `Snapshot`, so that a long page holds up nobody.
///
/// From any thread. A lock and not an actor, which would have the loop change executors twice a
/// turn. It is held for the records of one turn, which copy what a snapshot shares, and for as long
/// as it takes to adopt a plan.
package final class PeerStore: Sendable {
    /// What one turn of the loop came to.
    package struct Turn: Sendable {
        /// When the turn began, and when the next begins at the latest; nil if nobody keeps time.
        package var beat: (now: Instant, next: Instant)?
        package var observations: [Observation] = []
        /// Slots that nobody kept.
        package var missed = 0
        /// By how many seconds each pull that starts now is late.
        package var lateness: [Double] = []
        package var inFlight = 0

        package init() {}
    }

    /// Everything there is to report, at one moment.
    package struct Snapshot: Sendable {
        package var ledger: Ledger
        package var activity: Activity
    }

    private let state: Mutex<Snapshot>

    package init(ledger: Ledger) {
        state = Mutex(Snapshot(ledger: ledger, activity: Activity()))
    }

    /// Puts a turn into the ledger.
    ///
    /// - Returns: What changed and an operator should read, in the order of the observations.
    package func record(_ turn: Turn) -> [PeerChange] {
        state.withLock { state in
            if let beat = turn.beat { state.ledger.loopTurns(at: beat.now, next: beat.next) }
            state.activity.inFlight = turn.inFlight
            for seconds in turn.lateness {
                state.activity.lateness.record(seconds)
            }
            if turn.missed > 0 {
                state.ledger.recordMissed(turn.missed)
            }
            return turn.observations.compactMap { state.ledger.record($0) }
        }
    }

    /// Makes the peers of `plan` those that are known of, and keeps observations as it says.
    package func adopt(_ plan: PullPlan) -> PeerChanges {
        state.withLock { state in
            state.ledger.window = plan.window
            return state.ledger.adopt(plan.peers, ranks: plan.ranks)
        }
    }

    /// Notes that this process runs at a moment, whatever the loop does.
    package func processRuns(at now: Instant) {
        state.withLock { $0.ledger.processRuns(at: now) }
    }

    /// The state of things now; a copy that shares its storage until the next record.
    package func snapshot() -> Snapshot {
        state.withLock(\.self)
    }
}

/// How the loop itself is doing.
package struct Activity: Sendable {
    /// Pulls under way.
    package var inFlight = 0
    /// By how many seconds pulls started after their slot.
    package var lateness = Histogram(bounds: Self.latenessBounds)

    /// In seconds: from what a timer costs to half of a long interval.
    package static let latenessBounds = [
        0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5,
    ]

    package init() {}
}
