/// What a node says of itself: the answer to `GET /federation/sync/summary`.
///
/// The schema is contracts/peer_sync_payload@1.yaml. `sig` is checked on arrival and not kept.
package struct Summary: Hashable, Sendable {
    /// 1 to 128 Unicode scalars, at most 512 bytes, no control characters.
    package var nodeID: String
    /// Unix seconds at which the node fixed its numbers, by its own clock; above 0.
    package var ts: Double
    /// 0 to 128 Unicode scalars, no control characters.
    package var version: String
    package var metrics: SummaryNumbers
    /// Made anew at each start of the node; nil from a node that does not say.
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
    /// The node's mean of what it thinks of its peers; any number, shown and never used.
    package var peerQuality: Double
    /// S, any number.
    package var stabilityMargin: Double
    /// H, at least 0; 1e9 stands for infinite.
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
