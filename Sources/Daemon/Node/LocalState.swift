import Federation

/// What this node says of itself: fixed at a tick, and as it is until the next.
struct LocalState: Sendable {
    /// The numbers, with our own view of our peers as `peerQuality`; nil until the source gave any.
    var metrics: Metrics?
    /// Unix seconds at which the numbers were fixed, never later than the tick.
    var ts = 0.0
    /// What is wrong with the source; nil while it is well.
    var problem: String?
    /// Solo or federated, after the live peers at the tick.
    var context = Context.State.solo

    /// The summary that peers are given; nil if there is nothing to say.
    func summary(of identity: NodeIdentity, version: String) -> Summary? {
        metrics.map {
            Summary(
                nodeID: identity.nodeID,
                ts: ts,
                version: version,
                metrics: $0,
                instance: identity.instance
            )
        }
    }
}

extension Metrics {
    /// A node at rest: gamma is at its target, so there is no progress; eta does not move, so
    /// consistency is whole; and it has no peers to differ.
    static let resting = Metrics(
        peerQuality: restingPeerQuality,
        stabilityMargin: 0.08,
        hopfDistance: 0.175,
        spectralRadius: 0.245,
        gamma: 0.7,
        components: Components(progress: 0, novelty: 0, consistency: 1),
        gStar: 0.3
    )

    /// What a node without live peers says of their quality.
    static let restingPeerQuality = 0.7
}
