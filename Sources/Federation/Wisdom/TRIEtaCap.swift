/// What the coherence of Slot 4 (TRI) allows eta to be.
package struct TRIEtaCap: Hashable, Sendable {
    package var isEnabled = true
    /// The coherence up to which the cap is `lowCap`.
    package var lowCoherence = 0.40
    /// The coherence, above the low one, from which on the cap is `highCap`.
    package var highCoherence = 0.85
    package var lowCap = 0.08
    package var highCap = 0.18

    package init() {}

    /// cap = low + (high - low) x, x = clip((C - C_low) / (C_high - C_low), 0, 1).
    ///
    /// As they usually are: 0.08 up to a coherence of 0.40, 0.13 at 0.625, 0.18 from 0.85 on. A
    /// coherence that is no number is as none at all: 0.08.
    ///
    /// - Returns: nil if there is no coherence, or if the cap is turned off.
    package func value(coherence: Double?) -> Double? {
        guard isEnabled, let coherence else { return nil }
        let x = (coherence - lowCoherence) / (highCoherence - lowCoherence)
        return lowCap + (highCap - lowCap) * x.clampedToUnit
    }
}
