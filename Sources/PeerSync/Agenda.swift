internal import Federation
internal import Timing

/// The state of the pull loop between iterations: the peers to pull and the schedule.
struct Agenda {
    /// The pulls to abandon, and the host names that no peer uses any more.
    struct Abandoned {
        var indices: Set<Peer.Index> = []
        var names: Set<String> = []
    }

    var schedule: Schedule
    private(set) var plan: PullPlan
    /// By index; nil for a free index.
    private var pulls: [Pull?] = []
    private let nodeID: String

    init(
        nodeID: String,
        plan: PullPlan,
        peers: [PeerChanges.IndexedPeer],
        now: Instant,
        wallNow: Double
    ) {
        self.nodeID = nodeID
        self.plan = plan
        schedule = Schedule(
            interval: plan.interval,
            maxInFlight: plan.maxInFlight,
            now: now,
            wallNow: wallNow
        )
        makePulls(of: peers)
        schedule.insert(peers.map { ($0.index, phase(of: $0.index)) }, at: now)
    }

    func pulls(of indices: [Peer.Index]) -> [Pull] { indices.compactMap { pulls[$0] } }

    /// Adopts another plan; `changes` are the changes that it made in the ledger.
    ///
    /// Remaining peers lose no slot and get no slot twice.
    mutating func adopt(_ plan: PullPlan, _ changes: PeerChanges, at now: Instant) -> Abandoned {
        var abandoned = Abandoned(indices: Set(changes.removed))
        for index in changes.removed {
            if let name = pulls[index]?.hostName { abandoned.names.insert(name) }
            pulls[index] = nil
        }
        schedule.remove(changes.removed)
        let isNewInterval = plan.interval != self.plan.interval
        self.plan = plan
        if isNewInterval { schedule.setInterval(plan.interval, phase: phase(of:), at: now) }
        schedule.maxInFlight = plan.maxInFlight
        makePulls(of: changes.added + changes.renamed)
        schedule.insert(changes.added.map { ($0.index, phase(of: $0.index)) }, at: now)
        if !abandoned.names.isEmpty {
            abandoned.names.subtract(pulls.lazy.compactMap { $0?.hostName })
        }
        return abandoned
    }

    private mutating func makePulls(of peers: [PeerChanges.IndexedPeer]) {
        for (index, peer) in peers {
            while pulls.count <= index { pulls.append(nil) }
            pulls[index] = Pull(index: index, peer: peer)
        }
    }

    private func phase(of index: Peer.Index) -> Duration {
        guard let pull = pulls[index] else { preconditionFailure("a peer must have a pull") }
        return slotPhase(ofNode: nodeID, peerURL: pull.peer.url, interval: plan.interval)
    }
}
