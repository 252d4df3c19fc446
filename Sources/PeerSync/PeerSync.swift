package import Federation
package import Timing

/// The pull loop: starts due pulls, validates the results and records them.
///
/// One task serves all peers. It starts all due pulls as one batch and collects all finished ones
/// as one batch. It throws nothing; a failed pull is data.
package struct PeerSync<Wire: Transport, Time: Timekeeper>: Sendable {
    /// Shows the watchdog that the loop runs.
    package struct Heartbeat: Sendable {
        /// The longest time between two iterations.
        package var every: Duration
        /// Called with the time of each iteration; must not block.
        package var beat: @Sendable (Instant) -> Void

        package init(every: Duration, beat: @escaping @Sendable (Instant) -> Void) {
            self.every = every
            self.beat = beat
        }
    }

    private let transport: Wire
    private let time: Time
    private let store: PeerStore
    private let nodeID: String
    private let plan: PullPlan
    private let mailbox = PlanMailbox()
    private let heartbeat: Heartbeat
    private let report: @Sendable (PeerChange) -> Void

    /// Creates a loop that pulls the peers of `store` according to `plan`.
    ///
    /// The phases depend on this node's `nodeID`. `report` is called with each change to log, and
    /// must not block.
    package init(
        transport: Wire,
        time: Time,
        store: PeerStore,
        plan: PullPlan,
        nodeID: String,
        heartbeat: Heartbeat,
        report: @escaping @Sendable (PeerChange) -> Void
    ) {
        self.transport = transport
        self.time = time
        self.store = store
        self.nodeID = nodeID
        self.heartbeat = heartbeat
        self.report = report
        self.plan = plan
    }

    /// Switches to another plan, and returns the changes once it is in force; nil if the loop has
    /// ended.
    ///
    /// Remaining peers keep their pulls and history and get no extra pull. Pulls of removed peers
    /// are abandoned. Only one caller at a time.
    package func adopt(_ plan: PullPlan) async -> PeerChanges? {
        // Sorts outside the loop, because it takes long with many peers.
        let plan = plan.inOrderOfPhases(ofNode: nodeID)
        return await withCheckedContinuation { answer in
            guard mailbox.put(.init(plan: plan, answer: answer)) else { return }
            Task { await transport.interrupt() }
        }
    }

    /// Pulls until the task is cancelled; pulls in flight at that moment are not recorded.
    ///
    /// Isolated to the actor of the transport, and with the store on the same executor, an
    /// iteration does not change executors.
    package func run(isolation: isolated (any Actor)? = #isolation) async {
        var agenda = Agenda(
            nodeID: nodeID,
            plan: plan,
            peers: store.latest.ledger.peers,
            now: time.now,
            wallNow: time.wallNow
        )
        var ended: [FinishedPull] = []
        while !Task.isCancelled {
            let now = time.now
            heartbeat.beat(now)
            for pull in ended { agenda.schedule.end(pull.index) }
            let due = agenda.schedule.takeDue(at: now)
            await transport.start(agenda.pulls(of: due.peers), timeout: agenda.plan.deadline)
            // These pulls proceed while the loop records the previous results.
            let latest = now + heartbeat.every
            let next = min(agenda.schedule.nextDue ?? latest, latest)
            var iteration = iteration(ended, due, inFlight: agenda.schedule.inFlight)
            iteration.timing = (now, next)
            for change in await store.record(iteration) { report(change) }
            ended = await transport.collect(
                until: next,
                // If pulls wait for capacity, a finished one must free it at once.
                gathering: agenda.schedule.isFull ? .zero : Self.gathering
            )
            if let waiting = mailbox.take() {
                let changes = await store.adopt(waiting.plan)
                let abandoned = agenda.adopt(waiting.plan, changes, at: time.now)
                await transport.giveUp(abandoned.indices, names: abandoned.names)
                // A new peer may have the index of a removed one.
                ended.removeAll { abandoned.indices.contains($0.index) }
                waiting.answer.resume(returning: changes)
            }
        }
        mailbox.close()
    }

    /// How long a finished pull may wait for others, so that they are recorded together.
    ///
    /// Its end time is already known, and an iteration costs nearly as much as a pull.
    private static var gathering: Duration { .milliseconds(10) }

    /// The results of an iteration in which the pulls `ended` finished and those of `due` started.
    private func iteration(
        _ ended: [FinishedPull],
        _ due: Schedule.Due,
        inFlight: Int
    ) -> PeerStore.Iteration {
        var iteration = PeerStore.Iteration()
        iteration.missed = due.missed
        iteration.lateness = due.lateness
        iteration.inFlight = inFlight
        iteration.observations.reserveCapacity(ended.count)
        for pull in ended {
            if let observation = Observation(of: pull, by: time) {
                iteration.observations.append(observation)
            } else {
                iteration.missed += 1
            }
        }
        return iteration
    }
}
