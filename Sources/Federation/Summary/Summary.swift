/// What a node publishes about itself: the response to `GET /federation/sync/summary`.
///
/// The schema is contracts/peer_sync_payload@1.yaml. `sig` is validated but not stored.
package struct Summary: Hashable, Sendable {
    /// 1 to 128 Unicode scalars, at most 512 bytes, no control characters.
    package var nodeID: String
    /// When the node computed its numbers, in Unix seconds by its own clock; above 0.
    package var ts: Double
    /// 0 to 128 Unicode scalars, no control characters.
    package var version: String
    package var metrics: SummaryNumbers
    /// Generated at each start of the node; nil from a node that sends none.
    package var instance: String?

    package init(
        nodeID: String,
        ts: Double,
        version: String,
        metrics: SummaryNumbers,
        instance: String?
    ) {
        self.nodeID = nodeID
        self.ts = ts
        self.version = version
        self.metrics = metrics
        self.instance = instance
    }
}

/// The numbers of a summary.
package struct SummaryNumbers: Hashable, Sendable {
    /// The mean quality of the node's peers as it claims it; any number, shown but never used.
    package var peerQuality: Double
    /// S, any number.
    package var stabilityMargin: Double
    /// H, at least 0; 1e9 represents infinity.
    package var hopfDistance: Double
    /// rho, at least 0.
    package var spectralRadius: Double
    /// The wisdom level, 0...1.
    package var gamma: Double
    package var components: Components
    /// G*, 0...1.
    package var gStar: Double

    package init(
        peerQuality: Double,
        stabilityMargin: Double,
        hopfDistance: Double,
        spectralRadius: Double,
        gamma: Double,
        components: Components,
        gStar: Double
    ) {
        self.peerQuality = peerQuality
        self.stabilityMargin = stabilityMargin
        self.hopfDistance = hopfDistance
        self.spectralRadius = spectralRadius
        self.gamma = gamma
        self.components = components
        self.gStar = gStar
    }

    /// All 0, for a failed pull.
    static let none = SummaryNumbers(
        peerQuality: 0,
        stabilityMargin: 0,
        hopfDistance: 0,
        spectralRadius: 0,
        gamma: 0,
        components: Components(progress: 0, novelty: 0, consistency: 0),
        gStar: 0
    )

    /// The `peer_quality` of a node without live peers.
    package static let restingPeerQuality = 0.7

    /// Whether `hopfDistance` represents an infinite distance.
    package var isHopfInfinite: Bool {
        hopfDistance >= Summary.infiniteHopfDistance
    }
}

/// The three components of generativity, each 0...1.
package struct Components: Hashable, Sendable {
    /// P.
    package var progress: Double
    /// N.
    package var novelty: Double
    /// Cc.
    package var consistency: Double

    package init(progress: Double, novelty: Double, consistency: Double) {
        self.progress = progress
        self.novelty = novelty
        self.consistency = consistency
    }
}
