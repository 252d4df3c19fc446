import func Glibc.exp

/// How well a peer can be pulled, 0...1, at one moment, and what the score is made of.
package struct Quality: Hashable, Sendable {
    /// clamp(w1 successRate + w2 latencyScore + w3 freshness, 0, 1), the weights divided by their
    /// sum: 1 for a peer that always answers at once, 0 for one that never answered.
    package let value: Double
    /// Good pulls of all pulls in the window; 0 with none.
    package let successRate: Double
    /// The 95th percentile of the durations of good pulls, in seconds; nil with none.
    ///
    /// A pull during which this process was late has no duration.
    package let latencyP95: Double?
    /// 1 - p95 / cap, 0...1: 1 for no latency, 0 from the cap on; 0 with no good pull.
    ///
    /// With good pulls of which none has a duration it is the mean of the other two terms by their
    /// weights, so that it moves the value neither way.
    package let latencyScore: Double
    /// exp(-age / tau): 1 at a good pull, 0.37 one tau later; 0 if there never was one.
    package let freshness: Double
    /// How many observations stand behind it.
    package let samples: Int
    /// Whether these are too few to say much.
    package let lowConfidence: Bool

    /// Scores a peer.
    ///
    /// - Parameters:
    ///   - pulls: the observations in the window.
    ///   - goodPulls: those that were good.
    ///   - durations: the durations that latency is judged by, in seconds, in any order; at most
    ///     one of each good pull.
    ///   - ageSeconds: the time since the last good pull, however long ago; nil if there was none.
    ///   - scoring: weights, cap and time constant.
    package init(
        pulls: Int,
        goodPulls: Int,
        durations: [Double],
        ageSeconds: Double?,
        scoring: Scoring
    ) {
        let weights = scoring.weights.normalised
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

    /// The 95th percentile by nearest rank: of n sorted values the one at (19 n + 19) / 20 - 1,
    /// which is the greatest up to n = 19 and the 19th of 20.
    static func p95(_ values: [Double]) -> Double? {
        guard values.count >= 20 else { return values.max() }
        return values.sorted()[(19 * values.count + 19) / 20 - 1]
    }
}
