internal import Federation

extension PullPlan {
    /// The same plan with the peers sorted by their phases on this node.
    ///
    /// Peers get their indices in that order, so peers that are pulled together are adjacent in
    /// memory and in the shards of the client. Few shards are then active at a time.
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
