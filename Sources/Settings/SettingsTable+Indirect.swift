internal import Federation

extension SettingsTable {
    /// The effects of eta on other parts of Nova, which are computed and shown but never applied.
    static let indirect: [Setting] = [
        Setting("NOVA_TRI_ETA_CAP_ENABLED", \.governor.triEtaCap.isEnabled, .flag) {
            "Compute a cap on eta from the coherence C of Slot 4 (tri_coherence of a file source)."
            "The cap is shown, never applied."
        },
        Setting("NOVA_TRI_COHERENCE_HIGH", \.governor.triEtaCap.highCoherence, .unit) {
            "C at or above this gives the high cap."
            "Between the low and the high C the cap is linear."
        },
        Setting("NOVA_TRI_COHERENCE_LOW", \.governor.triEtaCap.lowCoherence, .unit) {
            "C at or below this gives the low cap."
            "Must be below the high C."
        },
        Setting("NOVA_TRI_ETA_CAP_HIGH", \.governor.triEtaCap.highCap, .unit) {
            "High cap on eta."
        },
        Setting("NOVA_TRI_ETA_CAP_LOW", \.governor.triEtaCap.lowCap, .unit) {
            "Low cap on eta."
            "At most the high cap and at least NOVA_WISDOM_CRITICAL_MARGIN."
        },
        Setting(
            "NOVA_SLOT07_MAX_JOBS_BASELINE",
            \.governor.slotSeven.baseline,
            .count(1...10_000)
        ) {
            "Jobs of Slot 7 in normal operation."
            "Slot 7 is shown, never controlled."
        },
        Setting("NOVA_SLOT07_MAX_JOBS_FROZEN", \.governor.slotSeven.frozen, .count(1...10_000)) {
            "Jobs of Slot 7 while frozen."
            "Reduced to half the baseline if that is less."
        },
        Setting("NOVA_SLOT07_MAX_JOBS_REDUCED", \.governor.slotSeven.reduced, .count(1...10_000)) {
            "Jobs of Slot 7 while reduced."
            "Adjusted to be fewer than the baseline and more than while frozen."
        },
        Setting("NOVA_SLOT07_STABILITY_THRESHOLD", \.governor.slotSeven.reduceMargin, .unit) {
            "Jobs are reduced while S is below this, unless they are frozen."
        },
        Setting("NOVA_SLOT07_STABILITY_THRESHOLD_TRI", \.governor.slotSeven.freezeMargin, .unit) {
            "Jobs are frozen while S is below this."
            "The default is above NOVA_SLOT07_STABILITY_THRESHOLD, so nothing is ever reduced."
        },
    ]
}
