/// How certain a quality is: the intervals of its terms, and the interval that results from them.
///
/// They are computed on demand: `/metrics` does not show them.
extension Quality {
    /// A quality whose interval is wider has a low confidence.
    private static let confidentWidth = 0.3

    /// The Wilson interval, 95 %, of the success rate; 0 to 1 without pulls.
    package var successRateBounds: Interval { .wilson(successes: goodPulls, of: samples) }

    /// The probability that `latencyP95Bounds` contains the true percentile: 0.95 or more from 59
    /// latencies on, 0.42 for 11; nil if no latency is known.
    package var latencyP95Confidence: Double? {
        latencies == 0 ? nil : P95Ranks.of(latencies).confidence
    }

    /// The interval of the value: its low end from the lowest success rate and the highest p95, its
    /// high end from the highest success rate and the lowest p95; the freshness is exact.
    ///
    /// Without a known latency, the latency score at each end is that of `QualityFormula`: 0 if no
    /// pull was good. Without any pull it is 0 to 1. The interval contains the value.
    package var bounds: Interval {
        let success = successRateBounds
        return Interval(
            low: end(success.low, p95: latencyP95Bounds?.high, scoreWithoutPulls: 0),
            high: end(success.high, p95: latencyP95Bounds?.low, scoreWithoutPulls: 1)
        )
    }

    /// Whether there are too few observations for a reliable value: the interval is wider than 0.3.
    package var lowConfidence: Bool { bounds.width > Self.confidentWidth }

    private func end(
        _ successRate: Double,
        p95: Double?,
        scoreWithoutPulls: Double
    ) -> Double {
        let score = formula.latencyScore(p95: p95, goodPulls: goodPulls, successRate: successRate)
        return formula.value(
            successRate: successRate,
            latencyScore: samples == 0 ? scoreWithoutPulls : score
        )
    }
}
