import func Glibc.pow

/// Which of n sorted values bound the 0.95 quantile of their distribution with 95 % confidence.
///
/// Let F be the number of the n values above the quantile q. For independent values of any
/// continuous distribution, F is binomial (n, 0.05), and the sorted values x(1)...x(n) satisfy
///
///     P(x(l) < q < x(u)) = P(n - u < F <= n - l)
///
/// The ranks leave at most 2.5 % on each side: l is the largest with P(F > n - l) <= 0.025, and u
/// the smallest with P(F <= n - u) <= 0.025. A rank outside 1...n is replaced by 1 or n.
///
/// Below 72 values no u exists: with probability 0.95^n > 0.025 the quantile is above all of them.
/// Then u is n, the largest value. For 59 to 71 values, l leaves only 0.05 - 0.95^n below, so the
/// confidence is still 0.95. For fewer values no interval has it, and `confidence` is the true
/// probability, at most 1 - 0.95^n: 0.42 for 11 values. If the interval were unbounded instead,
/// each healthy peer would have a low confidence forever, because a window of the default length
/// has 11 values.
///
/// Sources: W. J. Conover, Practical Nonparametric Statistics, 3rd edition (1999), section 3.2;
/// H. A. David and H. N. Nagaraja, Order Statistics, 3rd edition (2003), section 7.1.
struct P95Ranks: Hashable, Sendable {
    /// The most probability above the interval, and below it.
    private static let tail = 0.025
    /// The probability that a value is above the quantile.
    private static let above = 0.05

    /// l and u, 1...n.
    let lower: Int
    let upper: Int
    /// The probability that the quantile is between the two values.
    let confidence: Double

    /// Computes the ranks for 1 or more values, in about n / 20 steps.
    init(count n: Int) {
        // P(F = f) and P(F <= f).
        var f = 0
        var term = pow(1 - Self.above, Double(n))
        var sum = term
        var (upper, excluded) = (n, term)
        let remaining = 2 * Self.tail - excluded
        let lowTail = remaining > 0 ? min(Self.tail, remaining) : Self.tail
        while sum < 1 - lowTail, f < n - 1 {
            if sum <= Self.tail { (upper, excluded) = (n - f, sum) }
            term *= Double(n - f) / Double(f + 1) * (Self.above / (1 - Self.above))
            f += 1
            sum += term
        }
        lower = n - f
        self.upper = upper
        confidence = sum - excluded
    }

    /// The ranks for up to 64 values; most windows have 11.
    private static let few = (0...64).map { P95Ranks(count: max(1, $0)) }

    /// The ranks for 1 or more values.
    ///
    /// More than 64 values take longer to sort than their ranks take to compute.
    static func of(_ count: Int) -> P95Ranks {
        count < few.count ? few[count] : P95Ranks(count: count)
    }
}
