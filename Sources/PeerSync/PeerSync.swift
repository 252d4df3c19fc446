package import Federation
package import Timing

/// The loop: asks the schedule who is due, has them pulled, validates what comes back, records it.
///
/// One task, whatever the number of peers: it hands over all pulls that are due as one batch and
/// takes back all that ended as one batch. Nothing throws out of it; a failed pull is data.
package struct PeerSync<Wire: Transport, Time: Timekeeper>: Sendable {
    /// How the loop shows that it turns.
    package struct Heartbeat: Sendable {
        /// How long it rests at most.
        package var every: Duration
        /// Called with the moment of each turn; must not block.
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
    private let tell: @Sendable (PeerChange) -> Void

    /// Creates a loop that pulls the peers of `store` as `plan` says.
    ///
    /// The phases depend on our own `nodeID`. `tell` is called with each change that an operator
    /// should read, and must not block.
    package init(
        transport: Wire,
        time: Time,
        store: PeerStore,
        plan: PullPlan,
        nodeID: String,
        heartbeat: Heartbeat,
        tell: @escaping @Sendable (PeerChange) -> Void
    ) {
        self.transport = transport
        self.time = time
        self.store = store
        self.nodeID = nodeID
        self.heartbeat = heartbeat
        self.tell = tell
        self.plan = plan
    }

    /// Goes by another plan from now on: peers that stay lose no pull and no history, and get no
    /// pull twice; those that go are cut off.
    ///
    /// One caller at a time.
    ///
    /// - Returns: What it changed, once it is in force; nil if the loop has ended.
    package func adopt(_ plan: PullPlan) async -> PeerChanges? {
        // Here, not in the loop: of many peers it takes long.
        let plan = plan.inOrderOfPhases(ofNode: nodeID)
        return await withCheckedContinuation { answer in
            guard mailbox.put(.init(plan: plan, answer: answer)) else { return }
            Task { await transport.interrupt() }
        }
    }

    /// Pulls until the task is cancelled; pulls that are under way then are no observation.
    ///
    /// Isolated to the actor that the transport asks, with the store on that actor's executor, the
    /// loop changes no executors from turn to turn.
    package func run(isolation: isolated (any Actor)? = #isolation) async {
        var agenda = Agenda(
            nodeID: nodeID,
            plan: plan,
            peers: store.latest.ledger.peers,
            now: time.now,
            wallNow: time.wallNow
        )
        var ended: [Ended] = []
        while !Task.isCancelled {
            let now = time.now
            heartbeat.beat(now)
            for pull in ended { agenda.schedule.end(pull.index) }
            let due = agenda.schedule.takeDue(at: now)
            await transport.start(agenda.pulls(of: due.peers), timeout: agenda.plan.deadline)
            // Those are being answered while what ended before is looked at.
            let latest = now + heartbeat.every
            let next = min(agenda.schedule.nextDue ?? latest, latest)
            var turn = turn(ended, due, inFlight: agenda.schedule.inFlight)
            turn.beat = (now, next)
            for change in await store.record(turn) { tell(change) }
            ended = await transport.collect(
                until: next,
                // While somebody waits for a place, one that is free is not kept waiting.
                gathering: agenda.schedule.isFull ? .zero : Self.gathering
            )
            if let waiting = mailbox.take() {
                let changes = await store.adopt(waiting.plan)
                let abandoned = agenda.adopt(waiting.plan, changes, at: time.now)
                await transport.giveUp(abandoned.indices, names: abandoned.names)
                // One that came may have the index of one that went.
                ended.removeAll { abandoned.indices.contains($0.index) }
                waiting.answer.resume(returning: changes)
            }
        }
        mailbox.close()
    }

    /// How long a pull that ended may wait for others, to be recorded with them: when it ended is
    /// known, and a turn of the loop costs much of what a pull does.
    private static var gathering: Duration { .milliseconds(10) }

    /// What a turn came to, in which some pulls `ended` and those of `due` started.
    private func turn(_ ended: [Ended], _ due: Schedule.Due, inFlight: Int) -> PeerStore.Turn {
        var turn = PeerStore.Turn()
        turn.missed = due.missed
        turn.lateness = due.lateness
        turn.inFlight = inFlight
        turn.observations.reserveCapacity(ended.count)
        for pull in ended {
            if let observation = Observation(of: pull, by: time) {
                turn.observations.append(observation)
            } else {
                turn.missed += 1
            }
        }
        return turn
    }
}
