package import Timing

/// Everything known about the peers, as a value.
///
/// The ledger records what happened; `Report` evaluates it. Copies are cheap. While no copy is
/// alive, recording changes the storage in place, and allocates nothing once the windows are full.
/// The number of peers and the window bound its memory.
package struct Ledger: Sendable {
    package let identity: NodeIdentity
    /// How long observations are kept.
    package var window: Duration
    /// The time between two pulls of a peer.
    package var interval: Duration
    /// How many consecutive failed pulls make a peer `down`, at least 1.
    package var downAfter = 1
    package private(set) var selfVerdict = SelfVerdict()
    /// How long the `ts` of a peer may stay the same before its numbers are stale.
    package var staleAfter = Duration.seconds(300)
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
    /// The number of peers whose state is `up`.
    private var upCount = 0
    /// The end of the latest recorded pull.
    var lastRecord = Instant.distantPast

    /// A change that a pull revealed; each is reported once.
    package enum Change: Sendable {
        case peer(PeerChange)
        case own(SelfChange)
    }

    package init(identity: NodeIdentity, window: Duration, interval: Duration) {
        (self.identity, self.window, self.interval) = (identity, window, interval)
    }

    /// Adopts the times and counts of a plan, not its peers.
    package mutating func setRules(of plan: PullPlan) {
        (window, interval) = (plan.window, plan.interval)
        (staleAfter, downAfter) = (plan.staleAfter, plan.downAfter)
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
        if histories[index]?.state == .up { upCount -= 1 }
        selfVerdict.remove(index)
        histories[index] = nil
        echoes.remove(index)
        freeIndices.append(index)
    }

    /// Records one pull and returns the changes to report, which include those of held failures.
    ///
    /// Ignores pulls of free indices, which belong to removed peers.
    package mutating func record(_ pull: Observation) -> [Change] {
        guard isTaken(pull.index) else { return [] }
        var pull = pull
        pull.received = running[pull.received]
        lastRecord = max(lastRecord, pull.received)
        totals.record(pull, by: identity)
        switch pull.outcome {
        case .success(let summary):
            // An answer of this process proves nothing about the network.
            if identity.origin(of: summary) == .itself { return apply(pull) }
        case .failure(let failure):
            histories[pull.index]?.count(failure, at: pull.received)
            if failure.reason == .internal { return apply(pull) }
            if failure.reason.mayBeOurNetwork { return judge(pull) }
        }
        if selfVerdict.isUndisturbed(at: pull.received) { return apply(pull) }
        // Its latency may include the end of the outage.
        if selfVerdict.overlapsOutage(pull) { pull.timings.wasHeldUp = true }
        let counting = selfVerdict.takeHeld() + [pull]
        let changes = selfVerdict.responded(at: pull.received, interval: interval)
        return counting.flatMap { apply($0) } + changes.map(Change.own)
    }

    /// Records a failure that may be due to our own network.
    private mutating func judge(_ pull: Observation) -> [Change] {
        let (ruling, own) = selfVerdict.rule(
            on: pull,
            state: histories[pull.index]?.state ?? .unknown,
            upCount: upCount,
            interval: interval
        )
        var changes: [Change] = []
        if selfVerdict.hasWaited(at: pull.received, interval: interval) {
            changes = selfVerdict.takeHeld().flatMap { apply($0) }
        }
        return changes + (ruling == .count ? apply(pull) : []) + own.map(Change.own)
    }

    /// Records pulls that timed out because the loop was late.
    package mutating func recordHeldUp(_ pulls: Int, at now: Instant) -> [Change] {
        recordMissed(pulls)
        return selfVerdict.wasLate(at: running[now]).map(Change.own)
    }

    /// Updates the history of the peer of a pull.
    private mutating func apply(_ pull: Observation) -> [Change] {
        let index = pull.index
        let (before, wasUp) = (histories[index]?.answer?.nodeID, histories[index]?.state == .up)
        let horizon = endOfWindow(at: pull.received) - window
        histories[index]?.record(pull, from: identity, horizon: horizon, downAfter: downAfter)
        upCount += (histories[index]?.state == .up ? 1 : 0) - (wasUp ? 1 : 0)
        moveClaim(of: index, from: before, to: histories[index]?.answer?.nodeID)
        let current = identity(of: index, at: pull.received)
        let twin = compareNumbers(of: index)
        let age = histories[index]?.updateNumbersAge(at: pull.received, staleFrom: staleAfter)
        let change = histories[index]?
            .change(after: pull, identity: current, before: before, sameNumbersAs: twin, age: age)
        return change.map { [.peer($0)] } ?? []
    }

    /// The moment at which the windows end, in running time; see `SelfVerdict`.
    package func endOfWindow(at now: Instant) -> Instant {
        selfVerdict.endOfWindow(at: now, length: window)
    }

    /// Counts the peers that are up, after their states were restored.
    mutating func recountUp() { upCount = histories.count { $0?.state == .up } }

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
