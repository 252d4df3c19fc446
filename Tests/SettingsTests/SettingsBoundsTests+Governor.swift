extension SettingsBoundsTests {
    static let model = ["-10": "-10", "10": "10", "0": "0", "-0.5": "-0.5"]
    static let beyondModel = junk + ["-10.1", "10.1"]
    static let jobs = ["1": "1", "10000": "10000"]
    static let beyondJobs = junk + ["0", "10001", "2.5", "-1"]

    /// The constants of the governor.
    static let governorCases = [
        Case("NOVA_WISDOM_Q", unit, refused: beyondUnit),
        Case("NOVA_WISDOM_A1", model, refused: beyondModel),
        Case("NOVA_WISDOM_A2", model, refused: beyondModel),
        Case("NOVA_WISDOM_KP", model, refused: beyondModel),
        Case("NOVA_WISDOM_KD", model, refused: beyondModel),
        Case("NOVA_WISDOM_ETA_MIN", unit, refused: beyondUnit),
        Case("NOVA_WISDOM_ETA_MAX", unit, refused: beyondUnit),
        Case("NOVA_WISDOM_ETA_DEFAULT", unit, refused: beyondUnit),
        Case("NOVA_WISDOM_HOPF_THRESHOLD", unit, refused: beyondUnit),
        Case(
            "NOVA_WISDOM_CRITICAL_MARGIN",
            ["0.005": "0.005", "0.02": "0.02"],
            refused: junk + ["0", "0.0049", "0.021", "-0.01"]
        ),
        Case(
            "NOVA_WISDOM_STABILIZING_MARGIN",
            ["0.01": "0.01", "0.05": "0.05"],
            refused: junk + ["0.009", "0.051"]
        ),
        Case(
            "NOVA_WISDOM_OPTIMAL_MARGIN",
            ["0.03": "0.03", "0.1": "0.1"],
            refused: junk + ["0.029", "0.11"]
        ),
        Case(
            "NOVA_WISDOM_EXPLORING_MARGIN",
            ["0.05": "0.05", "0.2": "0.2"],
            refused: junk + ["0.049", "0.21"]
        ),
        Case(
            "NOVA_WISDOM_EXPLORING_G",
            ["0.4": "0.4", "0.8": "0.8"],
            refused: junk + ["0.39", "0.81"]
        ),
        Case(
            "NOVA_WISDOM_OPTIMAL_G",
            ["0.6": "0.6", "0.9": "0.9"],
            refused: junk + ["0.59", "0.91"]
        ),
        Case("NOVA_TRI_ETA_CAP_ENABLED", flag, refused: ["2", "yess"]),
        Case("NOVA_TRI_COHERENCE_HIGH", unit, refused: beyondUnit),
        Case("NOVA_TRI_COHERENCE_LOW", unit, refused: beyondUnit),
        Case("NOVA_TRI_ETA_CAP_HIGH", unit, refused: beyondUnit),
        Case("NOVA_TRI_ETA_CAP_LOW", unit, refused: beyondUnit),
        Case("NOVA_SLOT07_MAX_JOBS_BASELINE", jobs, refused: beyondJobs),
        Case("NOVA_SLOT07_MAX_JOBS_FROZEN", jobs, refused: beyondJobs),
        Case("NOVA_SLOT07_MAX_JOBS_REDUCED", jobs, refused: beyondJobs),
        Case("NOVA_SLOT07_STABILITY_THRESHOLD", unit, refused: beyondUnit),
        Case("NOVA_SLOT07_STABILITY_THRESHOLD_TRI", unit, refused: beyondUnit),
    ]
}
