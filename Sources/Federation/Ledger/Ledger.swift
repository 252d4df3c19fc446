/// Everything known about the peers, as a value.
///
/// It only takes down what happened; judging is left to the `Report`. A copy is cheap and stays as
/// it was. While no copy is alive, recording changes it in place and, once the windows are full,
/// allocates nothing. Its memory is bounded by the number of peers and by the window.
package struct Ledger: Sendable {
    package let identity: NodeIdentity
    /// How long observations are kept.
    package var window: Duration
    package private(set) var totals = PullTotals()
    /// By slot; nil for a slot that is free.
    private(set) var histories: [PeerHistory?] = []
    private var freeSlots: [Peer.Slot] = []
    /// Which peers gave a node id in their latest answer.
    private(set) var claims: [ExactString: [Peer.Slot]] = [:]

    package init(identity: NodeIdentity, window: Duration) {
        self.identity = identity
        self.window = window
    }

    /// Takes in a peer and gives it a slot, one that became free if there is one.
    package mutating func insert(_ peer: Peer) -> Peer.Slot {
        let history = PeerHistory(peer: peer)
        if let slot = freeSlots.popLast() {
            histories[slot] = history
            return slot
        }
        histories.append(history)
        return histories.count - 1
    }

    /// Forgets a peer; only the totals still count its pulls.
    ///
    /// Does nothing for a free slot. A pull of it that is still under way must be given up before
    /// the slot is used again.
    package mutating func remove(_ slot: Peer.Slot) {
        guard isTaken(slot) else { return }
        moveClaim(of: slot, from: histories[slot]?.answer?.nodeID, to: nil)
        histories[slot] = nil
        freeSlots.append(slot)
    }

    /// Takes down one pull and says what about the peer changed with it, if anything.
    ///
    /// A pull of a free slot is that of a peer which is gone, and is ignored.
    package mutating func record(_ pull: Observation) -> PeerChange? {
        let slot = pull.slot
        guard isTaken(slot) else { return nil }
        let previousID = histories[slot]?.answer?.nodeID
        count(pull)
        histories[slot]?.record(pull, from: identity, horizon: pull.received - window)
        moveClaim(of: slot, from: previousID, to: histories[slot]?.answer?.nodeID)
        let current = identity(of: slot, at: pull.received)
        return histories[slot]?.change(after: pull, identity: current, before: previousID)
    }

    /// Counts pulls that should have been and could not be.
    package mutating func recordMissed(_ pulls: Int) {
        totals.missed += pulls
    }

    private mutating func count(_ pull: Observation) {
        switch pull.outcome {
        case .success(let summary) where identity.origin(of: summary) == .itself: break
        case .success: totals.recordSuccess(seconds: pull.timings.total, wall: pull.wall)
        case .failure: totals.recordError(wall: pull.wall)
        }
    }

    /// Keeps `claims` in step with the answer of one peer.
    private mutating func moveClaim(of slot: Peer.Slot, from old: String?, to new: String?) {
        let (old, new) = (old.map(ExactString.init), new.map(ExactString.init))
        guard old != new else { return }
        if let old {
            claims[old]?.removeAll { $0 == slot }
            if claims[old]?.isEmpty == true { claims[old] = nil }
        }
        if let new { claims[new, default: []].append(slot) }
    }

    func isTaken(_ slot: Peer.Slot) -> Bool {
        histories.indices.contains(slot) && histories[slot] != nil
    }
}
