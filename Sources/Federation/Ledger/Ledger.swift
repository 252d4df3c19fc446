internal import Timing

/// Everything known about the peers, as a value.
///
/// The ledger records what happened; `Report` evaluates it. Copies are cheap. While no copy is
/// alive, recording changes the storage in place, and allocates nothing once the windows are full.
/// The number of peers and the window bound its memory.
package struct Ledger: Sendable {
    package let identity: NodeIdentity
    /// How long observations are kept.
    package var window: Duration
    package private(set) var totals = PullTotals()
    /// Converts clock time to running time; all times of the ledger are in running time.
    package var running = RunningTime()
    private(set) var echoes = EchoDetector()
    /// By index; nil for a free index.
    var histories: [PeerHistory?] = []
    private var freeIndices: [Peer.Index] = []
    /// The peers whose latest answer has a node id, by that id.
    private(set) var claims: [ExactString: [Peer.Index]] = [:]
    /// The number of peers in `claims`; equal to the number of ids while no id is shared.
    private(set) var claimantCount = 0
    /// The end of the latest recorded pull.
    var lastRecord = Instant.distantPast

    package init(identity: NodeIdentity, window: Duration) {
        self.identity = identity
        self.window = window
    }

    /// Adds a peer and returns its index, reusing a free one.
    ///
    /// `rank` is the position in the configured list; the default is the index.
    package mutating func insert(_ peer: Peer, rank: Int? = nil) -> Peer.Index {
        let index = freeIndices.popLast() ?? histories.count
        if index == histories.count { histories.append(nil) }
        histories[index] = PeerHistory(peer: peer, rank: rank ?? index, configured: lastRecord)
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

    /// Records one pull and returns the changes to report, if any.
    ///
    /// Ignores pulls of free indices, which belong to removed peers.
    package mutating func record(_ pull: Observation) -> PeerChange? {
        let index = pull.index
        guard isTaken(index) else { return nil }
        var pull = pull
        pull.received = running[pull.received]
        let before = histories[index]?.answer?.nodeID
        histories[index]?.record(pull, from: identity, horizon: pull.received - window)
        lastRecord = max(lastRecord, pull.received)
        totals.record(pull, by: identity)
        moveClaim(of: index, from: before, to: histories[index]?.answer?.nodeID)
        let current = identity(of: index, at: pull.received)
        let twin = compareNumbers(of: index)
        return histories[index]?
            .change(after: pull, identity: current, before: before, sameNumbersAs: twin)
    }

    /// Compares the numbers of a good pull with those of the other peers.
    ///
    /// - Returns: The label of the peer that publishes the same numbers, if that must be logged.
    private mutating func compareNumbers(of index: Peer.Index) -> String? {
        guard histories[index]?.state == .up, let sample = histories[index]?.lastGood?.sample
        else { return nil }
        let twin = echoes.record(sample, of: index) { [histories] other in
            histories[other]?.lastGood?.sample
        }
        return twin.flatMap { histories[$0]?.peer.label }
    }

    /// Counts slots that passed without a pull.
    package mutating func recordMissed(_ pulls: Int) {
        totals.missed += pulls
    }

    /// Updates `claims` after the answer of one peer.
    mutating func moveClaim(of index: Peer.Index, from old: String?, to new: String?) {
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
