/// A closed interval that contains the true value with a given probability.
package struct Interval: Hashable, Sendable {
    package let low: Double
    package let high: Double

    package init(low: Double, high: Double) { (self.low, self.high) = (low, high) }

    package var width: Double { high - low }

    /// The quantile of the normal distribution for 95 %.
    private static let z = 1.959_963_984_540_054

    /// The Wilson score interval, 95 %, of the probability behind `successes` of `trials`.
    ///
    /// With s successes in n trials, and z = 1.96:
    ///
    ///     centre = (s + z^2 / 2) / (n + z^2)
    ///     half   = z sqrt(s (n - s) / n + z^2 / 4) / (n + z^2)
    ///
    /// 0.72 to 1 for 10 of 10; 0 to 1 without trials. It is always within 0...1 and contains s / n.
    ///
    /// Source: E. B. Wilson, Probable inference, the law of succession, and statistical inference,
    /// Journal of the American Statistical Association 22 (1927), 209-212.
    package static func wilson(successes: Int, of trials: Int) -> Interval {
        guard trials > 0 else { return Interval(low: 0, high: 1) }
        let (s, n) = (Double(successes), Double(trials))
        let square = z * z
        let centre = (s + square / 2) / (n + square)
        let half = z * (s * (n - s) / n + square / 4).squareRoot() / (n + square)
        // The ends that are exact, without rounding.
        return Interval(
            low: successes == 0 ? 0 : centre - half,
            high: successes == trials ? 1 : centre + half
        )
    }
}
