/// The upper limit of eta by the coherence of Slot 4 (TRI).
package struct TRIEtaCap: Hashable, Sendable {
    package var isEnabled = true
    /// Up to this coherence the cap is `lowCap`.
    package var lowCoherence = 0.40
    /// From this coherence on the cap is `highCap`; it is above `lowCoherence`.
    package var highCoherence = 0.85
    package var lowCap = 0.08
    package var highCap = 0.18

    /// cap = low + (high - low) x, x = clip((C - C_low) / (C_high - C_low), 0, 1).
    ///
    /// With the defaults: 0.08 up to a coherence of 0.40, 0.13 at 0.625, 0.18 from 0.85 on. A NaN
    /// coherence gives 0.08. There is no cap without a coherence or if it is disabled.
    package func value(coherence: Double?) -> Double? {
        guard isEnabled, let coherence else { return nil }
        let x = (coherence - lowCoherence) / (highCoherence - lowCoherence)
        return lowCap + (highCap - lowCap) * x.clampedToUnit
    }
}
