package import Federation
package import Timing

/// The pull loop: starts due pulls, validates the results and records them.
///
/// One task serves all peers. It starts due pulls in one batch and collects finished ones in one
/// batch. It does not throw; a failed pull is data.
package struct PeerSync<Wire: Transport, Time: Timekeeper>: Sendable {
    private let transport: Wire
    private let time: Time
    private let store: PeerStore
    private let nodeID: String
    private let plan: PullPlan
    private let mailbox = PlanMailbox()
    private let heartbeatInterval: Duration
    private let heartbeat: @Sendable (Instant) -> Void
    private let report: @Sendable (Ledger.Change, _ lateness: Duration) -> Void

    /// Creates a loop that pulls the peers of `store` according to `plan`.
    ///
    /// The phases depend on this node's `nodeID`. `heartbeat` is called in each iteration, at least
    /// every `heartbeatInterval`; `report` is called with each change to record, and with how late
    /// the iteration was. Neither may block.
    package init(
        transport: Wire,
        time: Time,
        store: PeerStore,
        plan: PullPlan,
        nodeID: String,
        heartbeatInterval: Duration,
        heartbeat: @escaping @Sendable (Instant) -> Void,
        report: @escaping @Sendable (Ledger.Change, _ lateness: Duration) -> Void
    ) {
        (self.transport, self.time, self.store) = (transport, time, store)
        (self.plan, self.nodeID, self.report) = (plan, nodeID, report)
        (self.heartbeatInterval, self.heartbeat) = (heartbeatInterval, heartbeat)
    }

    /// Switches to another plan and returns its changes; nil if the loop has ended.
    ///
    /// Remaining peers keep their pulls and history and get no extra pull. Pulls of removed peers
    /// are abandoned. Only one caller at a time.
    package func adopt(_ plan: PullPlan) async -> PeerChanges? {
        // Sorting many peers takes long, so it happens outside the loop.
        let plan = plan.inOrderOfPhases(ofNode: nodeID)
        return await withCheckedContinuation { answer in
            guard mailbox.put(.init(plan: plan, answer: answer)) else { return }
            Task { await transport.interrupt() }
        }
    }

    /// Pulls until the task is cancelled; pulls in flight at that moment are not recorded.
    ///
    /// If `isolation` is the transport's actor and the store uses its executor, no iteration
    /// changes executors.
    package func run(isolation: isolated (any Actor)? = #isolation) async {
        var agenda = Agenda(
            nodeID: nodeID,
            plan: plan,
            peers: store.latest.ledger.peers,
            now: time.now,
            wallNow: time.wallNow
        )
        var ended: [FinishedPull] = []
        var planned = time.now
        while !Task.isCancelled {
            let now = time.now
            heartbeat(now)
            let lateness = max(now - planned, .zero)
            for pull in ended { agenda.schedule.end(pull.index) }
            let due = agenda.schedule.takeDue(at: now)
            await transport.start(agenda.pulls(of: due.peers), timeout: agenda.plan.deadline)
            let latest = now + heartbeatInterval
            let next = min(agenda.schedule.nextDue ?? latest, latest)
            // The started pulls proceed while the loop records the previous results.
            var iteration = iteration(ended, due, inFlight: agenda.schedule.inFlight)
            iteration.timing = (now, next)
            for change in await store.record(iteration) { report(change, lateness) }
            planned = next
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

    /// How long a finished pull may wait for others, so that one iteration records them together.
    ///
    /// An iteration costs nearly as much as a pull. The end time of the pull is already known.
    private static var gathering: Duration { .milliseconds(10) }

    /// The results of an iteration in which the pulls `ended` finished and `due` ones started.
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
                iteration.heldUp += 1
            }
        }
        return iteration
    }
}
