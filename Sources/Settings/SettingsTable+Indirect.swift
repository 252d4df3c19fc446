internal import Federation

extension SettingsTable {
    /// The chain behind eta, which is worked out and shown and never acted on.
    static let indirect = [
        Setting(
            "NOVA_TRI_ETA_CAP_ENABLED",
            \.governor.triEtaCap.isEnabled,
            .flag,
            "cap eta by the coherence C of Slot 4: tri_coherence of a source that is a file"
        ),
        Setting(
            "NOVA_TRI_COHERENCE_HIGH",
            \.governor.triEtaCap.highCoherence,
            .number(0...1),
            "from this C on the cap is the high one; linear between the two"
        ),
        Setting(
            "NOVA_TRI_COHERENCE_LOW",
            \.governor.triEtaCap.lowCoherence,
            .number(0...1),
            "up to this C the cap is the low one; below the high C"
        ),
        Setting(
            "NOVA_TRI_ETA_CAP_HIGH",
            \.governor.triEtaCap.highCap,
            .number(0...1),
            "the high cap"
        ),
        Setting(
            "NOVA_TRI_ETA_CAP_LOW",
            \.governor.triEtaCap.lowCap,
            .number(0...1),
            "the low cap, at most the high one, at least the critical margin"
        ),
        Setting(
            "NOVA_SLOT07_MAX_JOBS_BASELINE",
            \.governor.slotSeven.baseline,
            .count(1...10_000),
            "jobs of Slot 7 while all is well"
        ),
        Setting(
            "NOVA_SLOT07_MAX_JOBS_FROZEN",
            \.governor.slotSeven.frozen,
            .count(1...10_000),
            "its jobs while the governor is frozen; at most half the baseline count"
        ),
        Setting(
            "NOVA_SLOT07_MAX_JOBS_REDUCED",
            \.governor.slotSeven.reduced,
            .count(1...10_000),
            "its reduced jobs; more than when frozen, and then fewer than the baseline"
        ),
        Setting(
            "NOVA_SLOT07_STABILITY_THRESHOLD",
            \.governor.slotSeven.reduceMargin,
            .number(0...1),
            "S below it reduces jobs, unless it freezes them"
        ),
        Setting(
            "NOVA_SLOT07_STABILITY_THRESHOLD_TRI",
            \.governor.slotSeven.freezeMargin,
            .number(0...1),
            "S below it freezes jobs; by default it is the higher of the two: nothing is reduced"
        ),
    ]
}
