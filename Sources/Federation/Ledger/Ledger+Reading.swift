package import Timing

extension Ledger {
    /// The history of the peer at `index`; nil for a free index.
    package subscript(index: Peer.Index) -> PeerHistory? {
        isTaken(index) ? histories[index] : nil
    }

    /// The label of the peer at `index`, read without copying its history.
    func label(of index: Peer.Index) -> String? {
        histories.indices.contains(index) ? histories[index]?.peer.label : nil
    }

    /// The indices of all peers, ascending.
    package var indices: some Sequence<Peer.Index> {
        histories.indices.lazy.filter { histories[$0] != nil }
    }

    /// All peers with their indices, ascending.
    package var peers: [PeerChanges.IndexedPeer] {
        histories.indices.compactMap { index in histories[index].map { (index, $0.peer) } }
    }

    /// The indices of all peers, sorted by label.
    var indicesByLabel: [Peer.Index] {
        histories.indices
            .compactMap { index in histories[index].map { (index: index, label: $0.peer.label) } }
            .sorted { $0.label < $1.label }
            .map(\.index)
    }

    /// The peers that count at a moment of running time, ascending.
    ///
    /// These are the live peers, one per node id: the one that held the id first.
    package func counted(maxAge: Duration, at now: Instant) -> [Peer.Index] {
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

    /// The claim of a peer to the node id of its latest answer.
    private func claim(of index: Peer.Index) -> NodeIDClaim {
        NodeIDClaim(
            since: histories[index]?.answer?.since ?? Instant(nanoseconds: .max),
            rank: histories[index]?.rank ?? .max,
            index: index
        )
    }

    /// The identity of the peer at `index` at a moment of running time, from answers in the window.
    package func identity(of index: Peer.Index, at now: Instant) -> IdentityState {
        guard let answer = histories[index]?.answer else { return .unknown }
        if histories[index]?.changes.areMany(since: now - window) == true { return .changing }
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
        let horizon = now - window
        guard answer.received >= horizon else { return false }
        let own = claim(of: index)
        return claimants.contains { other in
            claim(of: other) < own
                && histories[other]?.answer.map { $0.received >= horizon } == true
        }
    }
}
