/// Novelty (N): the diversity of the peers' G*.
package enum Novelty {
    /// The standard deviation of full novelty: half of the peers at 0, half at 1.
    private static let fullSpread = 0.5
    /// Makes the median absolute deviation of normal values equal to their standard deviation.
    private static let deviationOfNormal = 1.4826

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

    /// N without each of `gStars`, in their order; 0 if fewer than two remain.
    ///
    /// With M the sum of the squared deviations d from the mean of n values, that of the others is
    /// M - d^2 n / (n - 1), so all take O(n). If that is less than a quarter of M, rounding errors
    /// of M would weigh too much, and N is computed from the other values. With n > 3 this is so
    /// for at most one value, because its d^2 is more than half of M.
    package static func withoutEach(of gStars: [Double]) -> [Double] {
        guard gStars.count > 2, let origin = gStars.first else { return gStars.map { _ in 0 } }
        let n = Double(gStars.count)
        let mean = gStars.reduce(0) { $0 + ($1 - origin) } / n
        let squares = gStars.map { ($0 - origin - mean) * ($0 - origin - mean) }
        let sum = squares.reduce(0, +)
        return squares.enumerated()
            .map { place, square in
                let others = sum - square * n / (n - 1)
                guard others >= sum / 4 else {
                    var remaining = gStars
                    remaining.remove(at: place)
                    return of(remaining)
                }
                return ((others / (n - 1)).squareRoot() / fullSpread).clampedToUnit
            }
    }

    /// The largest difference that one of the values makes: max |N - N without it|; 0 if there is
    /// none.
    package static func largestInfluence(in gStars: [Double]) -> Double {
        let novelty = of(gStars)
        return withoutEach(of: gStars).reduce(0) { max($0, abs(novelty - $1)) }
    }

    /// clip(1.4826 MAD / 0.5, 0, 1), with MAD the median distance of `gStars` from their median.
    ///
    /// Equal to N for many normally distributed values, and hardly changed by a single one. 0 if
    /// more than half of the values are equal.
    package static func robust(_ gStars: [Double]) -> Double {
        let sorted = gStars.sorted()
        guard let median = median(ofSorted: sorted) else { return 0 }
        let distances = sorted.map { abs($0 - median) }.sorted()
        let spread = self.median(ofSorted: distances) ?? 0
        return (deviationOfNormal * spread / fullSpread).clampedToUnit
    }

    /// The middle value, or the mean of the two; nil without values.
    private static func median(ofSorted values: [Double]) -> Double? {
        guard !values.isEmpty else { return nil }
        let (left, right) = (values[(values.count - 1) / 2], values[values.count / 2])
        return left + (right - left) / 2
    }
}
