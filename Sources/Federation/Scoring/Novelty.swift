/// Novelty (N): the diversity of the peers' G*.
package enum Novelty {
    /// The standard deviation of full novelty: half of the peers at 0, half at 1.
    private static let fullSpread = 0.5

    /// N = clip(sigma / 0.5, 0, 1), with sigma the population standard deviation of `gStars`.
    ///
    /// 0 for fewer than two values, and exactly 0 for equal values; 0.4 for 0.3 and 0.7; 1 for 0
    /// and 1. Values are taken relative to the first, and the mean is subtracted before squaring,
    /// to avoid cancellation.
    package static func of(_ gStars: [Double]) -> Double {
        guard gStars.count > 1, let origin = gStars.first else { return 0 }
        let n = Double(gStars.count)
        let mean = gStars.reduce(0) { $0 + ($1 - origin) } / n
        let squares = gStars.reduce(0) { sum, g in
            let deviation = g - origin - mean
            return sum + deviation * deviation
        }
        return ((squares / n).squareRoot() / fullSpread).clampedToUnit
    }
}
