import func Glibc.exp

/// How well a peer can be pulled at one moment, 0...1, and the terms of that score.
///
/// `Quality+Bounds.swift` has the intervals of these numbers.
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
    /// The order-statistic interval of the 95th percentile, in seconds; nil if no latency is known.
    ///
    /// `latencyP95Confidence` is the probability that it contains the true percentile.
    package let latencyP95Bounds: Interval?
    /// 1 - p95 / cap, 0...1: 1 at latency 0, 0 from the cap on; 0 without good pulls.
    ///
    /// If no good pull has a known latency, it is the weighted mean of the other two terms, so that
    /// it does not change the value.
    package let latencyScore: Double
    /// The number of observations in the window.
    package let samples: Int
    /// The number of good ones.
    let goodPulls: Int
    /// The number of known latencies.
    let latencies: Int
    let formula: QualityFormula

    /// exp(-age / tau): 1 at a good pull, 0.37 one tau later; 0 if there was none.
    package var freshness: Double { formula.freshness }

    /// Computes the quality from the pulls in the window.
    ///
    /// `durations` are the known latencies of good pulls, in seconds, in any order; `ageSeconds` is
    /// the time since the last good pull, nil if there was none.
    package init(
        pulls: Int,
        goodPulls: Int,
        durations: consuming [Double],
        ageSeconds: Double?,
        scoring: Scoring
    ) {
        durations.sort()
        samples = pulls
        self.goodPulls = goodPulls
        latencies = durations.count
        formula = QualityFormula(
            weights: scoring.weights.normalized,
            latencyCapSeconds: scoring.latencyCapSeconds,
            freshness: ageSeconds.map { exp(-max(0, $0) / scoring.freshnessTauSeconds) } ?? 0
        )
        successRate = pulls == 0 ? 0 : Double(goodPulls) / Double(pulls)
        latencyP95 = Self.p95(sorted: durations)
        latencyP95Bounds = Self.p95Bounds(sorted: durations)
        latencyScore = formula.latencyScore(
            p95: latencyP95,
            goodPulls: goodPulls,
            successRate: successRate
        )
        value = formula.value(successRate: successRate, latencyScore: latencyScore)
    }

    /// The 95th percentile by nearest rank: index (19 n + 19) / 20 - 1 of n sorted values.
    ///
    /// This is the maximum up to n = 19, and the 19th of 20 values.
    private static func p95(sorted: [Double]) -> Double? {
        sorted.isEmpty ? nil : sorted[(19 * sorted.count + 19) / 20 - 1]
    }

    /// The values at the ranks that bound the 95th percentile.
    private static func p95Bounds(sorted: [Double]) -> Interval? {
        guard !sorted.isEmpty else { return nil }
        let ranks = P95Ranks.of(sorted.count)
        return Interval(low: sorted[ranks.lower - 1], high: sorted[ranks.upper - 1])
    }
}
