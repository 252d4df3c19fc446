/// All that the governor fixed at one tick; it holds as it is until the next.
///
/// `gamma` and `eta` are those that entered the tick, and everything else was worked out from
/// them: S, H and rho are of this eta, P and Cc end with this gamma and this eta. So the numbers of
/// one tick fit each other and are true at its moment, which is the `ts` of the summary; Nova's
/// gauges of eta and gamma are set from the same. What the tick decided is in `isFrozen`, and in
/// `nextEta`, which gamma follows until the next tick and which is `eta` there.
package struct Wisdom: Hashable, Sendable {
    /// The wisdom level, 0...1.
    package var gamma: Double
    /// The learning rate that was in force up to this tick, 0...1.
    package var eta: Double
    /// The learning rate from this tick on: regime, bias, thaw and TRI cap included.
    package var nextEta: Double
    /// Whether the governor keeps still after this tick.
    package var isFrozen: Bool
    /// What S and G* say; without effect on eta while frozen.
    package var regime: Regime
    package var stability: Stability
    package var generativity: Generativity
    /// Solo or federated, and with it G0.
    package var context: Context.State
    /// kappa (G* - G0), whether the gates let it act or not.
    package var bias: Double
    /// nil without a coherence to go by.
    package var triEtaCap: Double?
    package var slotSeven: SlotSevenCap

    /// The regime on pages and in the log; `frozen` while the governor is frozen.
    package var regimeName: String {
        isFrozen ? "frozen" : regime.rawValue
    }

    /// The numbers of a summary.
    ///
    /// - Parameter peerQuality: the mean of the qualities that this node computed for its peers.
    /// - Returns: them; H may be infinite.
    package func summaryNumbers(peerQuality: Double) -> SummaryNumbers {
        SummaryNumbers(
            peerQuality: peerQuality,
            stabilityMargin: stability.margin,
            hopfDistance: stability.hopfDistance,
            spectralRadius: stability.spectralRadius,
            gamma: gamma,
            components: generativity.components,
            gStar: generativity.gStar
        )
    }
}
