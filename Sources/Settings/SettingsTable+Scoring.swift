internal import Federation

extension SettingsTable {
    static let quality = [
        Setting(
            "NOVA_FED_QUALITY_W1",
            \.successWeight,
            .number(0...1_000),
            "weight of the success rate; the three are divided by their sum"
        ),
        Setting(
            "NOVA_FED_QUALITY_W2",
            \.latencyWeight,
            .number(0...1_000),
            "weight of the latency score, clamp(1 - p95 / cap, 0, 1)"
        ),
        Setting(
            "NOVA_FED_QUALITY_W3",
            \.freshnessWeight,
            .number(0...1_000),
            "weight of the freshness, exp(-age / tau)"
        ),
        Setting(
            "NOVA_FED_QUALITY_LAT_CAP_SEC",
            \.latencyCap,
            .seconds(0.001...60),
            "the cap: the p95 at which the latency score reaches 0"
        ),
        Setting(
            "NOVA_FED_QUALITY_TAU_SEC",
            \.freshnessTau,
            .seconds(1...86_400),
            "the tau: freshness is 0.90 at a tenth of it, 0.37 at it, 0.05 at three of it"
        ),
        Setting(
            "NOVA_FED_MIN_PEER_QUALITY",
            \.minPeerQuality,
            .optional(.number(0...1)),
            "health's ready wants NOVA_FED_MIN_GOOD_PEERS peers of this quality; /ready does not"
        ),
        Setting(
            "NOVA_FED_MIN_GOOD_PEERS",
            \.minGoodPeers,
            .count(1...PeerList.maximumPeers),
            "how many peers that gate wants"
        ),
    ]

    static let wisdom = [
        Setting(
            "NOVA_WISDOM_POLL_INTERVAL",
            \.pollInterval,
            .seconds(0.1...60),
            "time between two ticks of the governor; the summary's ts is the last tick"
        ),
        Setting(
            "NOVA_WISDOM_G_CONTEXT",
            \.contextMode,
            .word,
            "auto goes by the number of live peers; the others force the context, and G0 with it"
        ),
        Setting(
            "NOVA_WISDOM_G_MIN_PEERS",
            \.contextMinPeers,
            .count(1...1_000),
            "live peers of a federated context; 2 is the fewest with which N can move"
        ),
        Setting(
            "NOVA_WISDOM_G_HYSTERESIS_SEC",
            \.contextHysteresis,
            .seconds(0...3_600),
            "time with fewer of them before the context is solo again"
        ),
        Setting(
            "NOVA_WISDOM_G_WEIGHTS",
            \.governor.weights,
            .weights(0...1),
            "alpha, beta, gamma of G* = clip(alpha P + beta N + gamma Cc, 0, 1)"
        ),
        Setting(
            "NOVA_WISDOM_G_KAPPA",
            \.governor.bias.kappa,
            .number(0...1),
            "kappa of the bias on eta, kappa (G* - G0); 0 turns it off"
        ),
        Setting(
            "NOVA_WISDOM_G_MIN_S",
            \.governor.bias.minMargin,
            .number(0...1),
            "no bias while the stability margin S is below it"
        ),
        Setting(
            "NOVA_WISDOM_G_MIN_H",
            \.governor.bias.minHopfDistance,
            .number(0...1),
            "no bias while the Hopf distance H is below it"
        ),
    ]
}
