/// The values that the governor fixed at one tick; they stay until the next.
///
/// `gamma` and `eta` are the values at the start of the tick. Everything else is computed from
/// them: S, H and rho from this eta, P and Cc from windows that end with this gamma and eta. So all
/// values belong to one moment, which is the `ts` of the summary. Nova sets its gauges of eta and
/// gamma in the same way. The decisions of the tick are `isFrozen` and `nextEta`; gamma follows
/// `nextEta` until the next tick, where it becomes `eta`.
package struct Wisdom: Hashable, Sendable {
    /// The wisdom level, 0...1.
    package var gamma: Double
    /// The learning rate in force up to this tick, 0...1.
    package var eta: Double
    /// The learning rate after this tick, with regime, bias, thaw and TRI cap.
    package var nextEta: Double
    /// Whether the governor is frozen after this tick.
    package var isFrozen: Bool
    /// The regime by S and G*; it does not affect eta while frozen.
    package var regime: Regime
    package var stability: Stability
    package var generativity: Generativity
    /// Solo or federated; it determines G0.
    package var context: Context.State
    /// kappa (G* - G0), even if the bias is not allowed to act.
    package var bias: Double
    /// nil without a coherence.
    package var triEtaCap: Double?
    package var slotSeven: SlotSevenCap

    /// The regime on pages and in the log; `frozen` while the governor is frozen.
    package var regimeName: String {
        isFrozen ? "frozen" : regime.rawValue
    }

    /// The numbers of a summary; H may be infinite.
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
