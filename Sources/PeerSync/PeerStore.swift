package import Federation
internal import Synchronization
package import Timing

/// Everything known about the peers.
///
/// The store shares the executor of the pull loop, so recording costs the loop neither a job nor a
/// thread change. After every change the store publishes a copy of its state. Other threads read
/// that copy (`latest`) instead of calling the store, so a hung loop does not block them.
package actor PeerStore {
    /// The results of one iteration of the loop.
    package struct Iteration: Sendable {
        /// When the iteration began, and when the next begins at the latest; nil in tools without a
        /// loop.
        package var timing: (now: Instant, next: Instant)?
        package var observations: [Observation] = []
        /// Slots that passed without a pull.
        package var missed = 0
        /// Pulls that timed out while this process was delayed.
        package var heldUp = 0
        /// How many seconds after its slot each started pull began.
        package var lateness: [Double] = []
        package var inFlight = 0

        package init() {}
    }

    /// The state of the store at one moment.
    package struct Snapshot: Sendable {
        package var ledger: Ledger
        package var activity = Activity()
    }

    private var state: Snapshot
    /// The actor that hosts the loop; this reference keeps its executor alive.
    private nonisolated let loop: any Actor
    /// The copy for readers; nil only while the lock is held.
    private nonisolated let published: Mutex<Snapshot?>

    package nonisolated var unownedExecutor: UnownedSerialExecutor {
        unsafe loop.unownedExecutor
    }

    /// Creates a store for the peers of `plan`; `loop` is the actor that hosts the pull loop.
    ///
    /// `restore` may add saved state to the ledger.
    package init(
        identity: NodeIdentity,
        plan: PullPlan,
        on loop: any Actor,
        restore: (inout Ledger) -> Void = { _ in }
    ) {
        let plan = plan.inOrderOfPhases(ofNode: identity.nodeID)
        var ledger = Ledger(identity: identity, window: plan.window, interval: plan.interval)
        ledger.setRules(of: plan)
        _ = ledger.adopt(plan.peers, ranks: plan.ranks)
        restore(&ledger)
        state = Snapshot(ledger: ledger)
        published = Mutex(state)
        self.loop = loop
    }

    /// Records an iteration of the loop.
    ///
    /// - Returns: The changes to log, in the order of the observations.
    package func record(_ iteration: Iteration) -> [Ledger.Change] {
        change { state in
            if let timing = iteration.timing {
                state.ledger.running.recordIteration(at: timing.now, next: timing.next)
            }
            state.activity.inFlight = iteration.inFlight
            for seconds in iteration.lateness {
                state.activity.lateness.record(seconds)
            }
            if iteration.missed > 0 {
                state.ledger.recordMissed(iteration.missed)
            }
            var changes: [Ledger.Change] = []
            if iteration.heldUp > 0, let now = iteration.timing?.now {
                changes = state.ledger.recordHeldUp(iteration.heldUp, at: now)
            }
            for pull in iteration.observations { changes += state.ledger.record(pull) }
            return changes
        }
    }

    /// Replaces the list of peers, the interval, the window, and the rules for `stale` and `down`.
    package func adopt(_ plan: PullPlan) -> PeerChanges {
        change { state in
            state.ledger.setRules(of: plan)
            return state.ledger.adopt(plan.peers, ranks: plan.ranks)
        }
    }

    /// The G* of the peers that count, one per node; Nova's `get_peer_gstars`.
    ///
    /// A peer counts while its last good pull is at most `maxAge` old, in running time.
    package func peerGStars(maxAge: Duration, at now: Instant) -> [Double] {
        let ledger = state.ledger
        return ledger.peerGStars(maxAge: maxAge, at: ledger.running[now])
    }

    /// The state after the latest change, from any thread.
    ///
    /// Waits only for a change in progress, which takes as long as recording one iteration.
    package nonisolated var latest: Snapshot {
        published.withLock { published in
            guard let published else { preconditionFailure("a change must publish its result") }
            return published
        }
    }

    /// Reads the ledger in place, from any thread.
    ///
    /// Recording waits for `body`, so it must take less than a millisecond. In return the next
    /// change need not copy the storage, as it must while a reader keeps `latest`.
    package nonisolated func read<Result>(_ body: (Ledger) -> Result) -> Result {
        published.withLock { published in
            guard let published else { preconditionFailure("a change must publish its result") }
            return body(published.ledger)
        }
    }

    /// Records, from any thread, that this process runs, even if the loop hangs.
    package nonisolated func processRuns(at now: Instant) {
        published.withLock { $0?.ledger.running.processRuns(at: now) }
    }

    /// Changes the state in place and publishes it.
    ///
    /// The published copy is dropped first: with two owners every write would copy the storage.
    private func change<Result: Sendable>(_ body: (inout Snapshot) -> Result) -> Result {
        published.withLock { published in
            if let published { state.ledger.running = published.ledger.running }
            published = nil
            defer { published = state }
            return body(&state)
        }
    }
}
