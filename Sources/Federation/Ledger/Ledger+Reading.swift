extension Ledger {
    /// What is known of the peer in `slot`; nil for a free slot.
    package subscript(slot: Peer.Slot) -> PeerHistory? {
        isTaken(slot) ? histories[slot] : nil
    }

    /// The slots of all peers, ascending.
    package var slots: some Sequence<Peer.Slot> {
        histories.indices.lazy.filter { histories[$0] != nil }
    }

    /// The slots of all peers, by the label of the peer.
    var slotsByLabel: [Peer.Slot] {
        histories.indices
            .compactMap { slot in histories[slot].map { (slot: slot, label: $0.peer.label) } }
            .sorted { $0.label < $1.label }
            .map(\.slot)
    }

    /// The peers that count: of the live ones one per node id, the most recently received.
    ///
    /// Ascending; of several received at the same moment the lowest slot.
    package func counted(maxAge: Duration, at now: Instant) -> [Peer.Slot] {
        claims.values
            .compactMap { slots in
                slots.filter { histories[$0]?.isLive(maxAge: maxAge, at: now) == true }
                    .min { isPreferred($0, to: $1) }
            }
            .sorted()
    }

    /// The G* of the peers that count; our own is never among them.
    package func peerGStars(maxAge: Duration, at now: Instant) -> [Double] {
        gStars(of: counted(maxAge: maxAge, at: now))
    }

    /// The G* of the latest samples of some peers.
    func gStars(of slots: [Peer.Slot]) -> [Double] {
        slots.compactMap { histories[$0]?.lastGood?.sample.metrics.gStar }
    }

    private func isPreferred(_ slot: Peer.Slot, to other: Peer.Slot) -> Bool {
        guard let left = lastAnswer(slot), let right = lastAnswer(other), left != right else {
            return slot < other
        }
        return left > right
    }

    private func lastAnswer(_ slot: Peer.Slot) -> Instant? {
        histories[slot]?.answer?.received
    }

    /// Who the peer in `slot` is, judged by the answers within the window.
    package func identity(of slot: Peer.Slot, at now: Instant) -> IdentityState {
        guard let answer = histories[slot]?.answer else { return .unknown }
        if histories[slot]?.changes.areMany(since: now - window) == true { return .changing }
        switch answer.origin {
        case .itself: return .itself
        case .clone: return .clone
        case .other: return isDuplicate(slot, of: answer, at: now) ? .duplicate : .ok
        }
    }

    /// Whether this peer and another both gave this node id within the window.
    private func isDuplicate(
        _ slot: Peer.Slot,
        of answer: PeerHistory.Answer,
        at now: Instant
    ) -> Bool {
        let horizon = now - window
        guard answer.received >= horizon,
            let claimants = claims[ExactString(answer.nodeID)], claimants.count > 1
        else { return false }
        return claimants.contains { other in
            other != slot && lastAnswer(other).map { $0 >= horizon } == true
        }
    }
}
