internal import Federation

extension PullPlan {
    /// The same plan with the peers in the order in which this node pulls them.
    ///
    /// They get their indices in that order, so those who are pulled together lie together: in
    /// memory, and in the shards of the client, of which then few have work at a time.
    func inOrderOfPhases(ofNode nodeID: String) -> PullPlan {
        var plan = self
        let ordered =
            peers.enumerated()
            .map { rank, peer in
                let phase = slotPhase(ofNode: nodeID, peerURL: peer.url, interval: interval)
                return (phase: phase, peer: peer, rank: rank)
            }
            .sorted { $0.phase < $1.phase }
        plan.peers = ordered.map(\.peer)
        plan.ranks = ordered.map(\.rank)
        return plan
    }
}
