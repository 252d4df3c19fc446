internal import Timing

/// The settings of reports.
package struct Scoring: Hashable, Sendable {
    package var weights: Weights
    /// The latency in seconds at which the latency score is 0.
    package var latencyCapSeconds: Double
    /// The time constant of freshness, in seconds; after it, 37 % remain.
    package var freshnessTauSeconds: Double
    /// The maximum age of the last good pull of a live peer.
    package var maxAge: Duration
    /// The length of the rolling window.
    package var window: Duration
    /// The quality of a good peer; nil turns the gate off.
    package var minPeerQuality: Double?
    /// The number of good peers that readiness requires if the gate is on.
    package var minGoodPeers: Int

    package init(
        weights: Weights,
        latencyCapSeconds: Double,
        freshnessTauSeconds: Double,
        maxAge: Duration,
        window: Duration,
        minPeerQuality: Double?,
        minGoodPeers: Int
    ) {
        self.weights = weights
        self.latencyCapSeconds = latencyCapSeconds
        self.freshnessTauSeconds = freshnessTauSeconds
        self.maxAge = maxAge
        self.window = window
        self.minPeerQuality = minPeerQuality
        self.minGoodPeers = minGoodPeers
    }
}

/// The weights of success, latency and freshness in a quality.
package struct Weights: Hashable, Sendable {
    package static let standard = Weights(success: 0.5, latency: 0.3, freshness: 0.2)

    package var success: Double
    package var latency: Double
    package var freshness: Double

    package init(success: Double, latency: Double, freshness: Double) {
        self.success = success
        self.latency = latency
        self.freshness = freshness
    }

    /// The same proportions with sum 1; the standard weights if the sum is 0.
    package var normalized: Weights {
        let sum = success + latency + freshness
        guard sum > 0 else { return .standard }
        return Weights(
            success: success / sum,
            latency: latency / sum,
            freshness: freshness / sum
        )
    }

    /// The other two weights with sum 1, for an unknown latency.
    var withoutLatency: Weights {
        guard success + freshness > 0 else {
            return Weights(success: 1, latency: 0, freshness: 0)
        }
        return Weights(success: success, latency: 0, freshness: freshness).normalized
    }
}
