internal import Federation

extension SettingsTable {
    static let governor: [Setting] = [
        Setting("NOVA_WISDOM_Q", \.governor.gammaTarget, .unit) {
            "Q, the target of gamma: gamma' = Q + (gamma - Q) exp(-eta dt)."
        },
        Setting("NOVA_WISDOM_A1", \.governor.dynamics.a1, .number(-10...10)) {
            "a1 of the model's block [[-a1, -a2], [k_p, -k_d]]."
            "S, H and rho come from its eigenvalues."
        },
        Setting("NOVA_WISDOM_A2", \.governor.dynamics.a2, .number(-10...10)) {
            "a2 of that block."
            "It oscillates while 4 a2 k_p is above (a1 - k_d)^2."
        },
        Setting("NOVA_WISDOM_KP", \.governor.dynamics.kp, .number(-10...10)) {
            "k_p of that block."
            "With 0 nothing oscillates and H is infinite."
        },
        Setting("NOVA_WISDOM_KD", \.governor.dynamics.kd, .number(-10...10)) {
            "k_d of that block."
            "While it oscillates, H = (a1 + k_d) / 2."
        },
        Setting("NOVA_WISDOM_ETA_MIN", \.governor.eta.least, .unit) {
            "Minimum of eta."
            "At least NOVA_WISDOM_CRITICAL_MARGIN, because S is never above eta."
        },
        Setting("NOVA_WISDOM_ETA_MAX", \.governor.eta.most, .unit) {
            "Maximum of eta."
            "No regime uses more than 0.18."
        },
        Setting("NOVA_WISDOM_ETA_DEFAULT", \.governor.eta.initial, .unit) {
            "eta of the first tick, between the minimum and the maximum."
        } fallback: {
            "0.1, or the nearest value between minimum and maximum"
        } derive: {
            $0.governor.eta.clamp(EtaBounds().initial)
        },
        Setting("NOVA_WISDOM_HOPF_THRESHOLD", \.governor.hopfThreshold, .unit) {
            "The governor freezes while the Hopf distance H is below this."
        },
        Setting(
            "NOVA_WISDOM_CRITICAL_MARGIN",
            \.governor.thresholds.criticalMargin,
            .number(0.005...0.02)
        ) {
            "The regime is critical while S is below this: eta drops to its minimum and the"
            "governor freezes."
        },
        Setting(
            "NOVA_WISDOM_STABILIZING_MARGIN",
            \.governor.thresholds.stabilizingMargin,
            .number(0.01...0.05)
        ) {
            "The regime is stabilizing while S is below this."
            "Must be above NOVA_WISDOM_CRITICAL_MARGIN."
        },
        Setting(
            "NOVA_WISDOM_OPTIMAL_MARGIN",
            \.governor.thresholds.optimalMargin,
            .number(0.03...0.1)
        ) {
            "The regime optimal needs S above this."
            "Must be above NOVA_WISDOM_STABILIZING_MARGIN."
        },
        Setting(
            "NOVA_WISDOM_EXPLORING_MARGIN",
            \.governor.thresholds.exploringMargin,
            .number(0.05...0.2)
        ) {
            "The regime exploring needs S above this."
            "Must be above NOVA_WISDOM_OPTIMAL_MARGIN."
        },
        Setting(
            "NOVA_WISDOM_EXPLORING_G",
            \.governor.thresholds.exploringGStar,
            .number(0.4...0.8)
        ) {
            "The regime exploring needs G* below this."
        },
        Setting("NOVA_WISDOM_OPTIMAL_G", \.governor.thresholds.optimalGStar, .number(0.6...0.9)) {
            "The regime optimal needs G* of at least this."
            "At least NOVA_WISDOM_EXPLORING_G."
        },
    ]
}
