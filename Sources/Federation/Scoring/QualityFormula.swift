/// How a quality follows from its terms; the same for the value and for the ends of its interval.
///
/// Both functions increase with the success rate and decrease with the p95, also after rounding.
struct QualityFormula: Hashable, Sendable {
    /// With sum 1.
    var weights: Weights
    /// The latency at which the latency score is 0.
    var latencyCapSeconds: Double
    var freshness: Double

    /// clamp(w1 successRate + w2 latencyScore + w3 freshness, 0, 1).
    func value(successRate: Double, latencyScore: Double) -> Double {
        (weights.success * successRate + weights.latency * latencyScore
            + weights.freshness * freshness)
            .clampedToUnit
    }

    /// The latency score; see `Quality.latencyScore`.
    func latencyScore(p95: Double?, goodPulls: Int, successRate: Double) -> Double {
        if let p95 { return (1 - p95 / latencyCapSeconds).clampedToUnit }
        guard goodPulls > 0 else { return 0 }
        let others = weights.withoutLatency
        return (others.success * successRate + others.freshness * freshness).clampedToUnit
    }
}
