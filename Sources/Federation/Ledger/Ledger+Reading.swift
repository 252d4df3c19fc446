package import Timing

extension Ledger {
    /// The history of the peer at `index`; nil for a free index.
    package subscript(index: Peer.Index) -> PeerHistory? {
        isTaken(index) ? histories[index] : nil
    }

    /// All peers with their indices, ascending.
    package var peers: [PeerChanges.IndexedPeer] {
        histories.indices.compactMap { index in histories[index].map { (index, $0.peer) } }
    }

    /// The peers that count at a moment of running time, ascending.
    ///
    /// These are the live peers, one per node id: the one that held the id first.
    func counted(maxAge: Duration, at now: Instant) -> [Peer.Index] {
        claims.values
            .compactMap { claimants in
                claimants.filter { isLive($0, maxAge: maxAge, at: now) }
                    .min { claim(of: $0) < claim(of: $1) }
            }
            .sorted()
    }

    /// Whether the peer at `index` is live at a moment of running time.
    func isLive(_ index: Peer.Index, maxAge: Duration, at now: Instant) -> Bool {
        histories[index]?.isLive(maxAge: maxAge, at: now, standstill: running.latestStandstill)
            ?? false
    }

    /// For each peer, which of the `counted` peers counts for its node id; no entry if none does.
    func holders(among counted: [Peer.Index]) -> [Peer.Index: Peer.Index] {
        var holders = Dictionary(counted.map { ($0, $0) }) { first, _ in first }
        guard sharesNodeIDs else { return holders }
        for holder in counted {
            guard let nodeID = histories[holder]?.answer?.nodeID else { continue }
            for index in claims[ExactString(nodeID)] ?? [] { holders[index] = holder }
        }
        return holders
    }

    /// The G* of the peers that count at a moment of running time; never this node's own.
    package func peerGStars(maxAge: Duration, at now: Instant) -> [Double] {
        gStars(of: counted(maxAge: maxAge, at: now))
    }

    /// The G* in the latest samples of some peers.
    func gStars(of peers: [Peer.Index]) -> [Double] {
        peers.compactMap { histories[$0]?.lastGood?.sample.metrics.gStar }
    }

    /// Whether several peers answer with the same node id.
    var sharesNodeIDs: Bool { claimantCount > claims.count }

    /// The claim of a peer to its latest node id; of several live peers, the smallest claim counts.
    ///
    /// A claim lasts while the peer keeps answering with the id. Failed pulls do not end it: a node
    /// that was down gets its id back from a peer that answered with it meanwhile. A peer that
    /// returns to an id it gave up has a new claim.
    ///
    /// If the first pull of a peer brought the id, the claim dates from the peer's configuration.
    /// So after a start, when earlier holders are unknown, the configured order decides, not the
    /// faster answer.
    private func claim(of index: Peer.Index) -> (Instant, Int, Peer.Index) {
        (histories[index]?.answer?.since ?? .distantFuture, histories[index]?.rank ?? .max, index)
    }

    /// The identity of the peer at `index` at a moment of running time, from answers in the window.
    func identity(of index: Peer.Index, at now: Instant) -> IdentityState {
        guard let answer = histories[index]?.answer else { return .unknown }
        let horizon = endOfWindow(at: now) - window
        if histories[index]?.isChanging(since: horizon) == true { return .changing }
        switch answer.origin {
        case .itself: return .itself
        case .clone: return .clone
        case .other: return isDuplicate(index, of: answer, at: now) ? .duplicate : .ok
        }
    }

    /// Whether another peer held this node id first and answered with it in the window.
    private func isDuplicate(
        _ index: Peer.Index,
        of answer: PeerHistory.Answer,
        at now: Instant
    ) -> Bool {
        guard sharesNodeIDs, let claimants = claims[ExactString(answer.nodeID)],
            claimants.count > 1
        else { return false }
        let horizon = endOfWindow(at: now) - window
        guard answer.received >= horizon else { return false }
        let own = claim(of: index)
        return claimants.contains { other in
            claim(of: other) < own
                && histories[other]?.answer.map { $0.received >= horizon } == true
        }
    }
}
