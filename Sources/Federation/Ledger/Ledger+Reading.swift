extension Ledger {
    /// What is known of the peer at `index`; nil for a free one.
    package subscript(index: Peer.Index) -> PeerHistory? {
        isTaken(index) ? histories[index] : nil
    }

    /// The indices of all peers, ascending.
    package var indices: some Sequence<Peer.Index> {
        histories.indices.lazy.filter { histories[$0] != nil }
    }

    /// The indices of all peers, by the label of the peer.
    var indicesByLabel: [Peer.Index] {
        histories.indices
            .compactMap { index in histories[index].map { (index: index, label: $0.peer.label) } }
            .sorted { $0.label < $1.label }
            .map(\.index)
    }

    /// The peers that count: of the live ones one per node id, the most recently received.
    ///
    /// Ascending; of several received at the same moment the lowest index.
    package func counted(maxAge: Duration, at now: Instant) -> [Peer.Index] {
        claims.values
            .compactMap { claimants in
                claimants.filter { histories[$0]?.isLive(maxAge: maxAge, at: now) == true }
                    .min { isPreferred($0, to: $1) }
            }
            .sorted()
    }

    /// The G* of the peers that count; our own is never among them.
    package func peerGStars(maxAge: Duration, at now: Instant) -> [Double] {
        gStars(of: counted(maxAge: maxAge, at: now))
    }

    /// The G* of the latest samples of some peers.
    func gStars(of peers: [Peer.Index]) -> [Double] {
        peers.compactMap { histories[$0]?.lastGood?.sample.metrics.gStar }
    }

    private func isPreferred(_ index: Peer.Index, to other: Peer.Index) -> Bool {
        guard let left = lastAnswer(index), let right = lastAnswer(other), left != right else {
            return index < other
        }
        return left > right
    }

    private func lastAnswer(_ index: Peer.Index) -> Instant? {
        histories[index]?.answer?.received
    }

    /// Who the peer at `index` is, judged by the answers within the window.
    package func identity(of index: Peer.Index, at now: Instant) -> IdentityState {
        guard let answer = histories[index]?.answer else { return .unknown }
        if histories[index]?.changes.areMany(since: now - window) == true { return .changing }
        switch answer.origin {
        case .itself: return .itself
        case .clone: return .clone
        case .other: return isDuplicate(index, of: answer, at: now) ? .duplicate : .ok
        }
    }

    /// Whether this peer and another both gave this node id within the window.
    private func isDuplicate(
        _ index: Peer.Index,
        of answer: PeerHistory.Answer,
        at now: Instant
    ) -> Bool {
        guard claimantCount > claims.count else { return false }
        let horizon = now - window
        guard answer.received >= horizon,
            let claimants = claims[ExactString(answer.nodeID)], claimants.count > 1
        else { return false }
        return claimants.contains { other in
            other != index && lastAnswer(other).map { $0 >= horizon } == true
        }
    }
}
