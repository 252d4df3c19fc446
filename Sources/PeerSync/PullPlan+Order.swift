internal import Federation

extension PullPlan {
    /// The same plan with the peers sorted by their phases on this node.
    ///
    /// Indices follow that order, so peers that are pulled together are adjacent in memory and in
    /// the multi handles of the client. Few of these are then active at a time.
    func inOrderOfPhases(ofNode nodeID: String) -> PullPlan {
        var plan = self
        let phases = peers.map { slotPhase(ofNode: nodeID, peerURL: $0.url, interval: interval) }
        plan.ranks = peers.indices.sorted { phases[$0] < phases[$1] }
        plan.peers = plan.ranks.map { peers[$0] }
        return plan
    }
}
