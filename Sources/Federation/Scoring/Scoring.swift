internal import Timing

/// How peers are judged when a report is made: settings only, nothing observed.
package struct Scoring: Hashable, Sendable {
    package var weights: Weights
    /// The latency in seconds at which the latency score reaches 0.
    package var latencyCapSeconds: Double
    /// The time constant of freshness, in seconds: after it, 37 % are left.
    package var freshnessTauSeconds: Double
    /// A peer is live if its last good pull is no older.
    package var maxAge: Duration
    /// The rolling window.
    package var window: Duration
    /// How often each peer is pulled; with the window it says how many observations to expect.
    package var interval: Duration
    /// The gate: the quality a peer needs to be a good one; nil for no gate.
    package var minPeerQuality: Double?
    /// The gate: how many good peers readiness needs.
    package var minGoodPeers: Int

    package init(
        weights: Weights,
        latencyCapSeconds: Double,
        freshnessTauSeconds: Double,
        maxAge: Duration,
        window: Duration,
        interval: Duration,
        minPeerQuality: Double?,
        minGoodPeers: Int
    ) {
        self.weights = weights
        self.latencyCapSeconds = latencyCapSeconds
        self.freshnessTauSeconds = freshnessTauSeconds
        self.maxAge = maxAge
        self.window = window
        self.interval = interval
        self.minPeerQuality = minPeerQuality
        self.minGoodPeers = minGoodPeers
    }

    /// Below how many observations a quality is of low confidence: 5, or half of what a window
    /// holds if that is less.
    package var confidentSamples: Double {
        min(5, window.inSeconds / interval.inSeconds / 2)
    }
}

/// What success, latency and freshness weigh in a quality.
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
    var normalised: Weights {
        let sum = success + latency + freshness
        guard sum > 0 else { return .standard }
        return Weights(
            success: success / sum,
            latency: latency / sum,
            freshness: freshness / sum
        )
    }

    /// The proportions of the other two with sum 1, for a latency that is not known.
    var withoutLatency: Weights {
        guard success + freshness > 0 else {
            return Weights(success: 1, latency: 0, freshness: 0)
        }
        return Weights(success: success, latency: 0, freshness: freshness).normalised
    }
}
