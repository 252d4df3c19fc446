internal import Timing

/// Everything known about the peers, as a value.
///
/// It only takes down what happened; judging is left to the `Report`. All moments in it are in
/// running time. A copy is cheap and stays as
/// it was. While no copy is alive, recording changes it in place and, once the windows are full,
/// allocates nothing. Its memory is bounded by the number of peers and by the window.
package struct Ledger: Sendable {
    package let identity: NodeIdentity
    /// How long observations are kept.
    package var window: Duration
    package private(set) var totals = PullTotals()
    var running = RunningTime()
    private(set) var echoes = Echoes()
    /// By index; nil for one that is free.
    private(set) var histories: [PeerHistory?] = []
    private var freeIndices: [Peer.Index] = []
    /// Which peers gave a node id in their latest answer.
    private(set) var claims: [ExactString: [Peer.Index]] = [:]
    /// How many peers are in `claims`: as many as it has node ids while each has its own.
    private(set) var claimantCount = 0
    /// When the latest of the recorded pulls ended.
    private var lastRecord = Instant(nanoseconds: .min)

    package init(identity: NodeIdentity, window: Duration) {
        self.identity = identity
        self.window = window
    }

    /// Takes in a peer and gives it an index, one that became free if there is one.
    ///
    /// `rank` is its place in the configured list, by default its index.
    package mutating func insert(_ peer: Peer, rank: Int? = nil) -> Peer.Index {
        let index = freeIndices.popLast() ?? histories.count
        let history = PeerHistory(peer: peer, rank: rank ?? index, configured: lastRecord)
        if index == histories.count {
            histories.append(history)
        } else {
            histories[index] = history
        }
        return index
    }

    /// Forgets a peer; only the totals still count its pulls.
    ///
    /// Does nothing for a free index. A pull of it that is still under way must be given up before
    /// the index is used again.
    package mutating func remove(_ index: Peer.Index) {
        guard isTaken(index) else { return }
        moveClaim(of: index, from: histories[index]?.answer?.nodeID, to: nil)
        histories[index] = nil
        echoes.remove(index)
        freeIndices.append(index)
    }

    /// Calls a peer something else; does nothing for a free index.
    package mutating func rename(_ index: Peer.Index, to label: String) {
        guard isTaken(index) else { return }
        histories[index]?.rename(to: label)
    }

    /// Sets the place of a peer in the configured list; does nothing for a free index.
    mutating func setRank(_ rank: Int, of index: Peer.Index) {
        guard isTaken(index) else { return }
        histories[index]?.rank = rank
    }

    /// Takes down one pull and says what about the peer changed with it, if anything.
    ///
    /// A pull of a free index is that of a peer which is gone, and is ignored.
    package mutating func record(_ pull: Observation) -> PeerChange? {
        let index = pull.index
        var pull = pull
        pull.received = running[pull.received]
        let horizon = pull.received - window
        guard histories.indices.contains(index),
            let ids = histories[index]?.record(pull, from: identity, horizon: horizon)
        else { return nil }
        lastRecord = max(lastRecord, pull.received)
        count(pull)
        moveClaim(of: index, from: ids.before, to: ids.after)
        let current = identity(of: index, at: pull.received)
        let twin = noteNumbers(of: index)
        return histories[index]?
            .change(after: pull, identity: current, before: ids.before, sameNumbersAs: twin)
    }

    /// Compares the numbers of a good pull with those of the other peers; returns the label of the
    /// peer that publishes the same ones, if that must be logged.
    private mutating func noteNumbers(of index: Peer.Index) -> String? {
        guard histories[index]?.state == .up, let sample = histories[index]?.lastGood?.sample
        else { return nil }
        let twin = echoes.note(sample, of: index) { [histories] in histories[$0]?.lastGood?.sample }
        return twin.flatMap(label(of:))
    }

    /// Counts pulls that should have been and could not be.
    package mutating func recordMissed(_ pulls: Int) {
        totals.missed += pulls
    }

    private mutating func count(_ pull: Observation) {
        switch pull.outcome {
        case .success(let summary) where identity.origin(of: summary) == .itself: break
        case .success: totals.recordSuccess(seconds: pull.timings.latency, wall: pull.wall)
        case .failure: totals.recordError(wall: pull.wall)
        }
    }

    /// Keeps `claims` in step with the answer of one peer.
    private mutating func moveClaim(of index: Peer.Index, from old: String?, to new: String?) {
        let (old, new) = (old.map(ExactString.init), new.map(ExactString.init))
        guard old != new else { return }
        claimantCount += (new == nil ? 0 : 1) - (old == nil ? 0 : 1)
        if let old {
            claims[old]?.removeAll { $0 == index }
            if claims[old]?.isEmpty == true { claims[old] = nil }
        }
        if let new { claims[new, default: []].append(index) }
    }

    func isTaken(_ index: Peer.Index) -> Bool {
        histories.indices.contains(index) && histories[index] != nil
    }
}
