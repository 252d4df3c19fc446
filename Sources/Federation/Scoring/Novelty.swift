/// Novelty (N): how far the peers' generativity spreads.
package enum Novelty {
    /// The standard deviation at which novelty is full: half the peers at 0, half at 1.
    private static let fullSpread = 0.5

    /// N = clip(sigma / 0.5, 0, 1), sigma the population standard deviation of `gStars`.
    ///
    /// 0 with fewer than two, and exactly 0 for equal values; 0.4 for 0.3 and 0.7; 1 for 0 and 1.
    /// The values are taken relative to the first and their mean is removed before squaring, so
    /// that nothing is lost to cancellation.
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
