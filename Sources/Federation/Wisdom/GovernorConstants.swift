/// The constants of the governor, with Nova's defaults.
///
/// They may change between ticks. The settings keep the minimum of eta and the TRI caps at or above
/// the critical margin. S is never above eta, so a lower minimum would itself be critical and
/// freeze a governor that just thawed.
package struct GovernorConstants: Hashable, Sendable {
    package var weights = Generativity.Weights()
    package var bias = EtaBias()
    /// Q, the limit of gamma, 0...1.
    package var gammaTarget = 0.7
    package var dynamics = Dynamics()
    package var eta = EtaBounds()
    /// The Hopf distance H below which the governor freezes.
    package var hopfThreshold = 0.02
    package var thresholds = Regime.Thresholds()
    package var triEtaCap = TRIEtaCap()
    package var slotSeven = SlotSevenCap.Limits()

    package init() {}
}

/// The range of eta and its initial value; each 0...1.
package struct EtaBounds: Hashable, Sendable {
    package var least = 0.05
    package var most = 0.18
    /// The eta of the first tick.
    package var initial = 0.10

    package init() {}

    /// The nearest eta within the range.
    package func clamp(_ eta: Double) -> Double {
        max(least, min(most, eta))
    }
}
