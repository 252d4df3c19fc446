import func Glibc.exp

/// How well a peer can be pulled at one moment, 0...1, and the terms of that score.
package struct Quality: Hashable, Sendable {
    /// clamp(w1 successRate + w2 latencyScore + w3 freshness, 0, 1), with the weights divided by
    /// their sum: 1 for a peer that always answers instantly, 0 for one that never answered.
    package let value: Double
    /// Good pulls divided by all pulls in the window; 0 without pulls.
    package let successRate: Double
    /// The 95th percentile of the latencies of good pulls, in seconds; nil if none is known.
    ///
    /// A pull that this process delayed has no latency.
    package let latencyP95: Double?
    /// 1 - p95 / cap, 0...1: 1 at latency 0, 0 from the cap on; 0 without good pulls.
    ///
    /// If no good pull has a known latency, it is the weighted mean of the other two terms, so that
    /// it does not change the value.
    package let latencyScore: Double
    /// exp(-age / tau): 1 at a good pull, 0.37 one tau later; 0 if there was none.
    package let freshness: Double
    /// The number of observations in the window.
    package let samples: Int
    /// Whether there are too few observations for a reliable value.
    package let lowConfidence: Bool

    /// Computes the quality from the pulls in the window.
    ///
    /// `durations` are the known latencies of good pulls, in seconds, in any order; `ageSeconds` is
    /// the time since the last good pull, nil if there was none.
    package init(
        pulls: Int,
        goodPulls: Int,
        durations: [Double],
        ageSeconds: Double?,
        scoring: Scoring
    ) {
        let weights = scoring.weights.normalized
        successRate = pulls == 0 ? 0 : Double(goodPulls) / Double(pulls)
        latencyP95 = Self.p95(durations)
        freshness = ageSeconds.map { exp(-max(0, $0) / scoring.freshnessTauSeconds) } ?? 0
        if let latencyP95 {
            latencyScore = (1 - latencyP95 / scoring.latencyCapSeconds).clampedToUnit
        } else if goodPulls > 0 {
            let others = weights.withoutLatency
            latencyScore =
                (others.success * successRate + others.freshness * freshness).clampedToUnit
        } else {
            latencyScore = 0
        }
        value =
            (weights.success * successRate + weights.latency * latencyScore
            + weights.freshness * freshness)
            .clampedToUnit
        samples = pulls
        lowConfidence = Double(pulls) < scoring.confidentSamples
    }

    /// The 95th percentile by nearest rank: index (19 n + 19) / 20 - 1 of n sorted values.
    ///
    /// This is the maximum up to n = 19, and the 19th of 20 values.
    static func p95(_ values: [Double]) -> Double? {
        guard values.count >= 20 else { return values.max() }
        return values.sorted()[(19 * values.count + 19) / 20 - 1]
    }
}
