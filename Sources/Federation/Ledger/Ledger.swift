internal import Timing

/// Everything known about the peers, as a value.
///
/// The ledger records what happened; `Report` evaluates it. All its times are in running time.
/// Copies are cheap. While no copy is alive, recording changes the storage in place, and allocates
/// nothing once the windows are full. The number of peers and the window bound its memory.
package struct Ledger: Sendable {
    package let identity: NodeIdentity
    /// How long observations are kept.
    package var window: Duration
    package private(set) var totals = PullTotals()
    var running = RunningTime()
    private(set) var echoes = EchoDetector()
    /// By index; nil for a free index.
    private(set) var histories: [PeerHistory?] = []
    private var freeIndices: [Peer.Index] = []
    /// The peers whose latest answer has a node id, by that id.
    private(set) var claims: [ExactString: [Peer.Index]] = [:]
    /// The number of peers in `claims`; equal to the number of ids while no id is shared.
    private(set) var claimantCount = 0
    /// The end of the latest recorded pull.
    private var lastRecord = Instant(nanoseconds: .min)

    package init(identity: NodeIdentity, window: Duration) {
        self.identity = identity
        self.window = window
    }

    /// Adds a peer and returns its index, reusing a free one.
    ///
    /// `rank` is the position in the configured list; the default is the index.
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

    /// Removes a peer; the totals keep its pulls.
    ///
    /// Does nothing for a free index. A pull in flight must be abandoned before the index is
    /// reused.
    package mutating func remove(_ index: Peer.Index) {
        guard isTaken(index) else { return }
        moveClaim(of: index, from: histories[index]?.answer?.nodeID, to: nil)
        histories[index] = nil
        echoes.remove(index)
        freeIndices.append(index)
    }

    /// Changes the label of a peer; does nothing for a free index.
    package mutating func rename(_ index: Peer.Index, to label: String) {
        guard isTaken(index) else { return }
        histories[index]?.rename(to: label)
    }

    /// Sets the position of a peer in the configured list; does nothing for a free index.
    mutating func setRank(_ rank: Int, of index: Peer.Index) {
        guard isTaken(index) else { return }
        histories[index]?.rank = rank
    }

    /// Records one pull and returns the changes to report, if any.
    ///
    /// Ignores pulls of free indices, which belong to removed peers.
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

    /// Compares the numbers of a good pull with those of the other peers.
    ///
    /// - Returns: The label of the peer that publishes the same numbers, if that must be logged.
    private mutating func noteNumbers(of index: Peer.Index) -> String? {
        guard histories[index]?.state == .up, let sample = histories[index]?.lastGood?.sample
        else { return nil }
        let twin = echoes.note(sample, of: index) { [histories] in histories[$0]?.lastGood?.sample }
        return twin.flatMap(label(of:))
    }

    /// Counts slots that passed without a pull.
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

    /// Updates `claims` after the answer of one peer.
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
