/// The regime of a node by stability margin S and generativity G*, with the eta that it requests.
package enum Regime: String, CaseIterable, Sendable {
    case critical, stabilizing, exploring, optimal, safe

    /// The thresholds between the regimes.
    ///
    /// The four margins must ascend strictly; the two G* must not descend.
    package struct Thresholds: Hashable, Sendable {
        package var criticalMargin = 0.01
        package var stabilizingMargin = 0.02
        package var optimalMargin = 0.05
        package var exploringMargin = 0.10
        package var exploringGStar = 0.60
        package var optimalGStar = 0.70
    }

    /// The largest growth of eta in one tick, as a factor.
    static let growth = 1.10
    /// The eta of the regimes stabilizing and safe.
    private static let safeEta = 0.08
    private static let optimalEta = 0.12
    /// The largest eta of the regime exploring.
    private static let exploringEta = 0.18

    /// The first of these that holds; the numbers are the default thresholds.
    ///
    ///     critical     S < 0.01
    ///     stabilizing  S < 0.02
    ///     exploring    S > 0.10 and G* < 0.60
    ///     optimal      S > 0.05 and G* >= 0.70
    ///     safe         otherwise
    package init(margin: Double, gStar: Double, thresholds: Thresholds) {
        if margin < thresholds.criticalMargin {
            self = .critical
        } else if margin < thresholds.stabilizingMargin {
            self = .stabilizing
        } else if margin > thresholds.exploringMargin, gStar < thresholds.exploringGStar {
            self = .exploring
        } else if margin > thresholds.optimalMargin, gStar >= thresholds.optimalGStar {
            self = .optimal
        } else {
            self = .safe
        }
    }

    /// The eta that this regime requests, within `bounds`.
    ///
    ///     critical     the least
    ///     stabilizing  0.08
    ///     exploring    1.1 times the last, up to 0.18
    ///     optimal      0.12
    ///     safe         0.08
    ///
    /// Both the request and `last`, the previous one, are before bias and caps.
    package func eta(after last: Double, within bounds: EtaBounds) -> Double {
        let wanted =
            switch self {
            case .critical: bounds.least
            case .stabilizing, .safe: Self.safeEta
            case .exploring: min(last * Self.growth, Self.exploringEta)
            case .optimal: Self.optimalEta
            }
        return bounds.clamp(wanted)
    }
}
