extension SettingsTable {
    static let listener = [
        Setting(
            "FEDERATION_BIND",
            \.bind,
            SettingKind(
                allowed: BindAddress.allowed,
                parse: { BindAddress(parsing: $0) },
                show: { $0.description }
            ),
            "the listener: plain HTTP, for peers, balancer and Prometheus only"
        ),
        Setting(
            "NOVA_ENABLE_PROMETHEUS",
            \.isMetricsEnabled,
            .flag,
            "serve /metrics"
        ),
        Setting(
            "NOVA_FED_METRIC_ALIASES",
            \.hasMetricAliases,
            .flag,
            "also export ten metrics under the names that Nova uses for them"
        ),
        Setting(
            "NOVA_FED_DRAIN_SEC",
            \.drain,
            .seconds(0...300),
            """
            serving goes on for it after SIGTERM; (2 fall + 1) x inter of the balancer, and a \
            second to spare
            """
        ),
        Setting(
            "NOVA_FED_MAX_CONNECTIONS",
            \.maxConnections,
            .count(Settings.fewestConnections...1_000_000),
            "connections of the listener; a sixteenth is kept free by closing the longest-idle",
            fallback: "4096, or at most half the limit of open files (RLIMIT_NOFILE)",
            derive: { $0.fittingConnections }
        ),
        Setting(
            "NOVA_FED_MAX_CONNECTIONS_PER_ADDRESS",
            \.maxConnectionsPerAddress,
            .count(0...1_000_000),
            "of one client address; 0 is off, as behind a balancer all have one"
        ),
        Setting(
            "NOVA_FED_MAX_RESPONSE_BYTES",
            \.maxResponseBytes,
            .count(1_048_576...17_179_869_184),
            """
            bytes of computed pages in memory; while clients that read slowly hold this much, \
            other computed pages get a 503; use at least 16384 per peer
            """
        ),
        Setting(
            "NOVA_FED_LOG_LEVEL",
            \.logLevel,
            .word,
            "the least severe records that are written to standard error"
        ),
        Setting(
            "NOVA_FED_LOG_FORMAT",
            \.logFormat,
            .word,
            "the form of a record, one a line"
        ),
    ]
}
