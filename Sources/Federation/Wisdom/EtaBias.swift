/// How generativity leans on eta, and when it may.
package struct EtaBias: Hashable, Sendable {
    /// kappa, the gain, 0...1; 0 turns the bias off.
    package var kappa = 0.02
    /// The stability margin S from which on the bias may act.
    package var minMargin = 0.03
    /// The Hopf distance H from which on the bias may act.
    package var minHopfDistance = 0.02

    package init() {}

    /// bias = kappa (G* - G0), -kappa...kappa.
    ///
    /// With kappa 0.02: 0 at the target; -0.006 for a steady node whose peers are alike (G* 0.3,
    /// G0 0.6), which learns more slowly for it; 0.008 at the most G* can be in a federation.
    package func value(gStar: Double, g0: Double) -> Double {
        kappa * (gStar - g0)
    }

    /// Whether the model is stable enough for the bias to act; both bounds belong to yes.
    package func isOpen(at stability: Stability) -> Bool {
        stability.margin >= minMargin && stability.hopfDistance >= minHopfDistance
    }
}
