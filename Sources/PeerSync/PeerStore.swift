package import Federation

/// What is known about the peers, for everybody who asks: the ledger behind one door.
///
/// It receives what a turn of the loop came to, and hands out values; whoever needs a report makes
/// it from a `Snapshot`, so that a long page holds up nobody.
package actor PeerStore {
    /// What one turn of the loop came to.
    package struct Turn: Sendable {
        package var observations: [Observation] = []
        /// Slots that nobody kept.
        package var missed = 0
        /// By how many seconds each pull that starts now is late.
        package var lateness: [Double] = []
        package var inFlight = 0
    }

    /// Everything there is to report, at one moment.
    package struct Snapshot: Sendable {
        package var ledger: Ledger
        package var activity: Activity
    }

    private var ledger: Ledger
    private var activity = Activity()

    package init(ledger: Ledger) {
        self.ledger = ledger
    }

    /// Puts a turn into the ledger.
    ///
    /// - Returns: What changed and an operator should read, in the order of the observations.
    package func record(_ turn: Turn) -> [PeerChange] {
        activity.inFlight = turn.inFlight
        for seconds in turn.lateness {
            activity.lateness.record(seconds)
        }
        if turn.missed > 0 {
            ledger.recordMissed(turn.missed)
        }
        return turn.observations.compactMap { ledger.record($0) }
    }

    /// Makes the peers of `plan` those that are known of, and keeps observations as it says.
    package func adopt(_ plan: PullPlan) -> PeerChanges {
        ledger.window = plan.window
        return ledger.adopt(plan.peers)
    }

    /// The state of things now; a copy that shares its storage until the next record.
    package func snapshot() -> Snapshot {
        Snapshot(ledger: ledger, activity: activity)
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
