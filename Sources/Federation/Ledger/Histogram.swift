/// Counts observations by size, like a Prometheus histogram.
package struct Histogram: Hashable, Sendable {
    /// Bucket bounds for the latency of a pull, in seconds.
    package static let latencyBounds = [
        0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10,
    ]

    /// The inclusive upper bounds of the buckets, ascending.
    package let bounds: [Double]
    /// The observations in each bucket, not cumulative; the last bucket is above all bounds.
    package private(set) var counts: [Int]
    package private(set) var sum = 0.0

    package init(bounds: [Double]) {
        precondition(
            zip(bounds, bounds.dropFirst()).allSatisfy { $0 < $1 },
            "bounds must ascend"
        )
        self.bounds = bounds
        self.counts = Array(repeating: 0, count: bounds.count + 1)
    }

    /// The number of observations.
    package var count: Int { counts.reduce(0, +) }

    package mutating func record(_ value: Double) {
        let bucket = bounds.firstIndex { value <= $0 } ?? bounds.count
        counts[bucket] += 1
        sum += value
    }
}
