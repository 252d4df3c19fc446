extension SettingsTable {
    static let pulling = [
        Setting(
            "NOVA_FED_SYNC_INTERVAL",
            \.interval,
            .seconds(0.1...3_600),
            "each peer is pulled once in it; peers / interval is at most 5,000 a second"
        ),
        Setting(
            "NOVA_FED_SYNC_TIMEOUT",
            \.timeout,
            .seconds(0.05...60),
            """
            hard deadline of one pull, DNS to body, at most the interval; shortened so that a pull \
            ends 50 ms, or interval / 5 if less, before its peer's next slot; a dead peer occupies \
            timeout / interval of a place
            """,
            fallback: "2.5, or the interval if that is shorter",
            derive: { min(.milliseconds(2_500), $0.interval) }
        ),
        Setting(
            "NOVA_FED_WINDOW_SEC",
            \.window,
            .seconds(0.3...12_960_000),
            """
            observations are kept for it, 3 to 3,600 intervals; memory grows with \
            peers x window / interval
            """,
            fallback: "300, or 10 intervals if longer",
            derive: { max(.seconds(300), $0.interval * 10) }
        ),
        Setting(
            "NOVA_FED_MAX_AGE_SEC",
            \.maxAge,
            .seconds(0.2...864_000),
            "a peer is live if its last good pull is no older; at least 2 intervals",
            fallback: "90, or 3 intervals if longer",
            derive: { max(.seconds(90), $0.interval * 3) }
        ),
        Setting(
            "NOVA_FED_MAX_BODY",
            \.maxBody,
            .count(1_024...1_048_576),
            "bytes of the largest summary accepted; at most this x pulls in flight is held"
        ),
        Setting(
            "NOVA_FED_MAX_IN_FLIGHT",
            \.maxInFlight,
            .count(1...1_048_576),
            """
            pulls at one time, within the limit of open files; this x interval / timeout dead \
            peers delay nobody
            """,
            fallback: """
                the larger of 256 and 2 x peers x timeout / interval, or what the limit of open \
                files (RLIMIT_NOFILE) leaves
                """,
            derive: { max(1, min($0.wantedInFlight, $0.allowedInFlight)) }
        ),
        Setting(
            "NOVA_FED_CA_FILE",
            \.caFile,
            .optional(.path, none: "the system's bundle"),
            """
            PEM file of the authorities to trust for https peers; a broken block, or no \
            certificate that can be used, is a fault
            """
        ),
    ]
}
