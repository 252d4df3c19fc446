internal import Federation

extension SettingsTable {
    static let governor = [
        Setting(
            "NOVA_WISDOM_Q",
            \.governor.gammaTarget,
            .number(0...1),
            "Q, what gamma goes to: gamma' = Q + (gamma - Q) exp(-eta dt)"
        ),
        Setting(
            "NOVA_WISDOM_A1",
            \.governor.dynamics.a1,
            .number(-10...10),
            "of the model's block [[-a1, -a2], [k_p, -k_d]]; S, H and rho are of its eigenvalues"
        ),
        Setting(
            "NOVA_WISDOM_A2",
            \.governor.dynamics.a2,
            .number(-10...10),
            "as a1; a mode oscillates while 4 a2 k_p is above (a1 - k_d)^2"
        ),
        Setting(
            "NOVA_WISDOM_KP",
            \.governor.dynamics.kp,
            .number(-10...10),
            "k_p of that block; with 0 nothing oscillates and H is infinite"
        ),
        Setting(
            "NOVA_WISDOM_KD",
            \.governor.dynamics.kd,
            .number(-10...10),
            "k_d of that block; while it oscillates, H is (a1 + k_d) / 2"
        ),
        Setting(
            "NOVA_WISDOM_ETA_MIN",
            \.governor.eta.least,
            .number(0...1),
            "the least eta, at least the critical margin: S is never above eta"
        ),
        Setting(
            "NOVA_WISDOM_ETA_MAX",
            \.governor.eta.most,
            .number(0...1),
            "the most eta; no regime asks for more than 0.18"
        ),
        Setting(
            "NOVA_WISDOM_ETA_DEFAULT",
            \.governor.eta.initial,
            .number(0...1),
            "the eta of the first tick, between the least and the most",
            fallback: "0.1, or the nearest between the least and the most eta",
            derive: { $0.governor.eta.clamp(EtaBounds().initial) }
        ),
        Setting(
            "NOVA_WISDOM_HOPF_THRESHOLD",
            \.governor.hopfThreshold,
            .number(0...1),
            "the governor freezes while the Hopf distance H is below it"
        ),
        Setting(
            "NOVA_WISDOM_CRITICAL_MARGIN",
            \.governor.thresholds.criticalMargin,
            .number(0.005...0.02),
            "S below it is critical: eta goes to its least, and the governor freezes"
        ),
        Setting(
            "NOVA_WISDOM_STABILIZING_MARGIN",
            \.governor.thresholds.stabilizingMargin,
            .number(0.01...0.05),
            "S below it is stabilizing; above the critical margin"
        ),
        Setting(
            "NOVA_WISDOM_OPTIMAL_MARGIN",
            \.governor.thresholds.optimalMargin,
            .number(0.03...0.1),
            "optimal needs S above it; above the stabilizing margin"
        ),
        Setting(
            "NOVA_WISDOM_EXPLORING_MARGIN",
            \.governor.thresholds.exploringMargin,
            .number(0.05...0.2),
            "exploring needs S above it; above the optimal margin"
        ),
        Setting(
            "NOVA_WISDOM_EXPLORING_G",
            \.governor.thresholds.exploringGStar,
            .number(0.4...0.8),
            "exploring needs G* below it"
        ),
        Setting(
            "NOVA_WISDOM_OPTIMAL_G",
            \.governor.thresholds.optimalGStar,
            .number(0.6...0.9),
            "optimal needs G* of it or more; at least that of exploring"
        ),
    ]
}
