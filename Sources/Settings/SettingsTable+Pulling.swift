extension SettingsTable {
    static let pulling: [Setting] = [
        Setting("NOVA_FED_SYNC_INTERVAL", \.interval, .seconds(0.1...3_600)) {
            "Seconds between two pulls of the same peer; at least the number of peers / 5,000."
        },
        Setting("NOVA_FED_SYNC_TIMEOUT", \.timeout, .seconds(0.05...60)) {
            "Seconds for one pull, from name lookup to the last byte; at most the interval."
            "It is shortened if needed, so that a pull ends 50 ms (interval / 5 if that is less)"
            "before the peer's next slot."
        } fallback: {
            "2.5, or the interval if shorter"
        } derive: {
            min(.milliseconds(2_500), $0.interval)
        },
        Setting("NOVA_FED_WINDOW_SEC", \.window, .seconds(0.3...12_960_000)) {
            "Seconds to keep observations, 3 to 3,600 intervals."
            "Memory grows with peers x window / interval."
        } fallback: {
            "300, or 10 intervals if longer"
        } derive: {
            max(.seconds(300), $0.interval * 10)
        },
        Setting("NOVA_FED_DOWN_AFTER", \.downAfter, .count(1...10)) {
            "Number of consecutive failed pulls after which a peer is down; at most"
            "window / interval. Each one above 1 takes an interval longer to detect a dead peer,"
            "and avoids false reports when the network loses packets or is down for less than an"
            "interval."
        },
        Setting("NOVA_FED_MAX_AGE_SEC", \.maxAge, .seconds(0.2...864_000)) {
            "A peer is live while its last good pull is at most this many seconds old."
            "At least 2 intervals."
        } fallback: {
            "90, or 3 intervals if longer"
        } derive: {
            max(.seconds(90), $0.interval * 3)
        },
        Setting("NOVA_FED_STALE_AFTER_SEC", \.staleAfter, .seconds(0.2...864_000)) {
            "A peer that answers with the same ts for this many seconds is stale: it is up, but not"
            "live, and does not count. At least 2 intervals. Use more than the time between two"
            "ticks of the peers, NOVA_WISDOM_POLL_INTERVAL there. A Nova drops such a peer after"
            "300 s."
        } fallback: {
            "300, or 2 intervals if longer"
        } derive: {
            max(.seconds(300), $0.interval * 2)
        },
        Setting("NOVA_FED_MAX_BODY", \.maxBody, .count(1_024...1_048_576), restart: true) {
            "Maximum bytes of a summary; the pull of a larger one fails."
            "Pulls use at most this times NOVA_FED_MAX_IN_FLIGHT of memory."
        },
        Setting("NOVA_FED_MAX_IN_FLIGHT", \.maxInFlight, .count(1...1_048_576)) {
            "Maximum pulls at the same time; each needs an open file."
            "A dead peer occupies timeout / interval of one, so up to this x interval / timeout"
            "dead peers delay no other pull."
        } fallback: {
            "2 x peers x timeout / interval, at least 256, limited by open files (RLIMIT_NOFILE)"
        } derive: {
            max(1, min($0.wantedInFlight, $0.allowedInFlight))
        },
        Setting("NOVA_FED_CA_FILE", \.caFile, .optional(.path, none: "the system's bundle")) {
            "PEM file of the certificate authorities to trust for https peers."
            "A broken block, or no usable certificate, is an error."
            "New contents of the file are applied without a restart."
        },
    ]
}
