extension SettingsTable {
    static let listener: [Setting] = [
        Setting("FEDERATION_BIND", \.bind, .text(BindAddress.allowed), restart: true) {
            "Address of the listener."
            "Without NOVA_FED_TLS_CERT_FILE, NOVA_FED_CLIENT_CA_FILE and NOVA_FED_TOKEN_FILE it"
            "serves plain HTTP without authentication; then let only peers, the load balancer and"
            "Prometheus reach it."
        },
        Setting("NOVA_ENABLE_PROMETHEUS", \.isMetricsEnabled, .flag) {
            "Serve /metrics."
        },
        Setting("NOVA_FED_METRIC_ALIASES", \.hasMetricAliases, .flag) {
            "Also export ten metrics under the names that Nova uses for them."
        },
        Setting("NOVA_FED_DRAIN_SEC", \.drain, .seconds(0...300)) {
            "Seconds to keep serving after SIGTERM."
            "Use at least (2 x fall + 1) x inter + 1, with fall and inter of the load balancer."
        },
        Setting(
            "NOVA_FED_MAX_CONNECTIONS",
            \.maxConnections,
            .count(Settings.minimumConnections...1_000_000),
            restart: true
        ) {
            "Maximum connections of the listener."
            "One sixteenth is kept free by closing connections, first those without a request."
        } fallback: {
            "4096, at most half the limit of open files (RLIMIT_NOFILE)"
        } derive: {
            $0.derivedConnections
        },
        Setting(
            "NOVA_FED_MAX_CONNECTIONS_PER_ADDRESS",
            \.maxConnectionsPerAddress,
            .count(0...1_000_000),
            restart: true
        ) {
            "Maximum connections per client address."
            "0 = unlimited; keep 0 behind a load balancer."
        },
        Setting(
            "NOVA_FED_MAX_RESPONSE_BYTES",
            \.maxResponseBytes,
            .count(1_048_576...17_179_869_184),
            restart: true
        ) {
            "Maximum bytes of computed pages in memory."
            "While slow clients occupy all of it, requests for other computed pages get a 503."
            "Use at least 16384 per peer."
        },
        Setting("NOVA_FED_LOG_LEVEL", \.logLevel, .word) {
            "Lowest severity that is logged to standard error."
        },
        Setting("NOVA_FED_LOG_FORMAT", \.logFormat, .word, restart: true) {
            "Format of the log, one record per line."
        },
    ]
}
