package import Federation

/// What the loop goes by.
///
/// Settings only; a reload hands over another.
package struct PullPlan: Hashable, Sendable {
    /// Those to pull, each place and each label once.
    package var peers: [Peer]
    /// Where each of `peers` stands in the configured list; empty while they are in its order.
    package private(set) var ranks: [Int] = []
    /// Each peer is pulled once in it.
    package var interval: Duration
    /// The hard deadline of one pull, at most the interval.
    package var timeout: Duration
    /// How many pulls may be under way at once, at least 1.
    package var maxInFlight: Int
    /// How long observations are kept.
    package var window: Duration

    package init(
        peers: [Peer],
        interval: Duration,
        timeout: Duration,
        maxInFlight: Int,
        window: Duration
    ) {
        self.peers = peers
        self.interval = interval
        self.timeout = timeout
        self.maxInFlight = maxInFlight
        self.window = window
    }
}

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
                let phase = phase(ofNode: nodeID, peerURL: peer.url, interval: interval)
                return (phase: phase, peer: peer, rank: rank)
            }
            .sorted { $0.phase < $1.phase }
        plan.peers = ordered.map(\.peer)
        plan.ranks = ordered.map(\.rank)
        return plan
    }
}
