package import Federation

/// The loop: asks the schedule who is due, has them pulled, validates what comes back, records it.
///
/// One task, whatever the number of peers: it hands over all pulls that are due as one batch and
/// takes back all that ended as one batch. Nothing throws out of it; a failed pull is data.
package struct PeerSync<Wire: Transport, Time: Timekeeper>: Sendable {
    private let transport: Wire
    private let time: Time
    private let store: PeerStore
    private let peers: [Pull]
    private let nodeID: String
    private let interval: Duration
    private let maxInFlight: Int
    private let tell: @Sendable (PeerChange) -> Void

    /// Puts the loop together.
    ///
    /// `peers` are those to pull, each with its index in the ledger of `store`; the phases depend
    /// on our own `nodeID`. `tell` is called with each change that an operator should read, and
    /// must not block.
    package init(
        transport: Wire,
        time: Time,
        store: PeerStore,
        peers: [Pull],
        nodeID: String,
        interval: Duration,
        maxInFlight: Int,
        tell: @escaping @Sendable (PeerChange) -> Void
    ) {
        self.transport = transport
        self.time = time
        self.store = store
        self.peers = peers
        self.nodeID = nodeID
        self.interval = interval
        self.maxInFlight = maxInFlight
        self.tell = tell
    }

    /// Pulls until the task is cancelled; pulls that are under way then are no observation.
    package func run() async {
        let pulls = Dictionary(uniqueKeysWithValues: peers.map { ($0.index, $0) })
        var schedule = Schedule(
            interval: interval,
            maxInFlight: maxInFlight,
            now: time.now,
            wallNow: time.wallNow
        )
        schedule.insert(
            peers.map { pull in
                let phase = phase(ofNode: nodeID, peerURL: pull.peer.url, interval: interval)
                return (pull.index, phase)
            },
            at: time.now
        )
        var ended: [Ended] = []
        while !Task.isCancelled {
            var turn = PeerStore.Turn()
            let now = time.now
            for pull in ended {
                schedule.end(pull.index)
                if let observation = Observation(of: pull, by: time) {
                    turn.observations.append(observation)
                } else {
                    turn.missed += 1
                }
            }
            let due = schedule.takeDue(at: now)
            turn.missed += due.missed
            turn.lateness = due.lateness
            turn.inFlight = schedule.inFlight
            for change in await store.record(turn) {
                tell(change)
            }
            ended = await transport.exchange(
                starting: due.peers.compactMap { pulls[$0] },
                until: schedule.nextDue ?? now + Self.idleWait
            )
        }
    }

    /// How long to wait when nothing is due before something ends.
    private static var idleWait: Duration { .seconds(60) }
}
