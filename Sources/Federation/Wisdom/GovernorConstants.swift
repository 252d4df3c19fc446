/// Everything that the governor goes by, with Nova's defaults.
///
/// Any of it may change between two ticks. Whoever sets it keeps the least eta and the TRI caps at
/// or above the critical margin: S is never above eta, so a lower one would itself be critical, and
/// freeze a governor that has just thawed.
package struct GovernorConstants: Hashable, Sendable {
    package var weights = Generativity.Weights()
    package var bias = EtaBias()
    /// Q, what gamma goes to, 0...1.
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

/// Between which values the governor moves eta, and where it starts; each 0...1.
package struct EtaBounds: Hashable, Sendable {
    package var least = 0.05
    package var most = 0.18
    /// The eta of the first tick.
    package var initial = 0.10

    package init() {}

    /// The nearest eta inside the bounds.
    package func clamp(_ eta: Double) -> Double {
        max(least, min(most, eta))
    }
}
