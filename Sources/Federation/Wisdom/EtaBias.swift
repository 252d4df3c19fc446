/// The influence of generativity on eta, and the conditions for it.
package struct EtaBias: Hashable, Sendable {
    /// kappa, the gain, 0...1; 0 turns the bias off.
    package var kappa = 0.02
    /// The least stability margin S at which the bias acts.
    package var minMargin = 0.03
    /// The least Hopf distance H at which the bias acts.
    package var minHopfDistance = 0.02

    /// bias = kappa (G* - G0), -kappa...kappa.
    ///
    /// With kappa 0.02: 0 at the target; -0.006 for a steady node with similar peers (G* 0.3, G0
    /// 0.6), which then learns more slowly; 0.008 for the largest G* in a federation.
    package func value(gStar: Double, g0: Double) -> Double {
        kappa * (gStar - g0)
    }

    /// Whether the model is stable enough for the bias to act; both limits are inclusive.
    package func isAllowed(at stability: Stability) -> Bool {
        stability.margin >= minMargin && stability.hopfDistance >= minHopfDistance
    }
}
