internal import Federation

extension SettingsTable {
    static let quality: [Setting] = [
        Setting("NOVA_FED_QUALITY_W1", \.qualityWeights.success, .number(0...1_000)) {
            "Weight of the success rate in the quality of a peer."
            "The three weights are divided by their sum."
        },
        Setting("NOVA_FED_QUALITY_W2", \.qualityWeights.latency, .number(0...1_000)) {
            "Weight of the latency score, clamp(1 - p95 / cap, 0, 1)."
        },
        Setting("NOVA_FED_QUALITY_W3", \.qualityWeights.freshness, .number(0...1_000)) {
            "Weight of freshness, exp(-age / tau)."
        },
        Setting("NOVA_FED_QUALITY_LAT_CAP_SEC", \.latencyCap, .seconds(0.001...60)) {
            "cap of the latency score: the p95 in seconds at which it reaches 0."
        },
        Setting("NOVA_FED_QUALITY_TAU_SEC", \.freshnessTau, .seconds(1...86_400)) {
            "tau of freshness in seconds: 0.90 after a tenth of it, 0.37 after tau, 0.05 after"
            "three times tau."
        },
        Setting("NOVA_FED_MIN_PEER_QUALITY", \.minPeerQuality, .optional(.unit)) {
            "If set, health is ready only with NOVA_FED_MIN_GOOD_PEERS live peers of at least this"
            "quality. /ready ignores it."
        },
        Setting("NOVA_FED_MIN_GOOD_PEERS", \.minGoodPeers, .count(1...PeerList.maximumPeers)) {
            "Number of peers that NOVA_FED_MIN_PEER_QUALITY requires."
        },
    ]

    static let wisdom: [Setting] = [
        Setting("NOVA_WISDOM_POLL_INTERVAL", \.pollInterval, .seconds(0.1...60)) {
            "Seconds between two ticks of the governor."
            "ts in the summary is the time of the last tick."
        },
        Setting("NOVA_WISDOM_G_CONTEXT", \.contextMode, .word) {
            "auto derives the context from the number of live peers."
            "solo and federated force it, and G0 with it."
        },
        Setting("NOVA_WISDOM_G_MIN_PEERS", \.contextMinPeers, .count(1...1_000)) {
            "Live peers needed for the federated context."
            "2 is the smallest number with which N can change."
        },
        Setting("NOVA_WISDOM_G_HYSTERESIS_SEC", \.contextHysteresis, .seconds(0...3_600)) {
            "Seconds with fewer live peers after which the context returns to solo."
        },
        Setting("NOVA_WISDOM_G_WEIGHTS", \.governor.weights, .weights) {
            "alpha, beta, gamma of G* = clip(alpha P + beta N + gamma Cc, 0, 1)."
        },
        Setting("NOVA_WISDOM_G_KAPPA", \.governor.bias.kappa, .unit) {
            "kappa of the bias on eta, kappa (G* - G0)."
            "0 = no bias."
        },
        Setting("NOVA_WISDOM_G_MIN_S", \.governor.bias.minMargin, .unit) {
            "No bias while the stability margin S is below this."
        },
        Setting("NOVA_WISDOM_G_MIN_H", \.governor.bias.minHopfDistance, .unit) {
            "No bias while the Hopf distance H is below this."
        },
    ]
}
