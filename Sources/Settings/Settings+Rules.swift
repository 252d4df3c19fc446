internal import Federation
internal import Timing

extension Settings {
    /// The maximum number of pulls that start in one second.
    static let maximumPullRate = 5_000.0

    /// How long the listener keeps an idle connection: three intervals, at least 120 seconds.
    ///
    /// It must be well above the interval of every peer. If a listener closes a connection while a
    /// client reuses it, that request fails.
    package var listenerIdleTimeout: Duration { max(.seconds(120), interval * 3) }

    /// Twice the pulls in flight while all peers are dead, and at least 256.
    var wantedInFlight: Int {
        let places = Double(peers.count) * timeout.inSeconds / interval.inSeconds
        return max(256, Int((2 * places).rounded(.up)))
    }

    /// How many peers may be dead without delaying others.
    ///
    /// A dead peer occupies timeout / interval of one pull in flight.
    var tolerableDeadPeers: Int {
        Int(Double(maxInFlight) * interval.inSeconds / timeout.inSeconds)
    }

    /// A rule between settings; a fault names the first of `keys` that was set.
    struct Rule: Sendable {
        var keys: [String]
        /// Why the rule is broken; nil if it is not.
        var breach: @Sendable (Settings) -> String?
    }

    /// The rules between settings that are each within their own bounds.
    static let rules = pullingRules + governorRules

    private static let pullingRules = [
        Rule(keys: ["NOVA_FED_SYNC_TIMEOUT", "NOVA_FED_SYNC_INTERVAL"]) {
            $0.timeout <= $0.interval
                ? nil : "allowed: at most the interval, \($0.interval.words) seconds"
        },
        Rule(keys: ["NOVA_FED_SYNC_INTERVAL", "NOVA_FED_PEERS", "NOVA_FED_PEERS_FILE"]) {
            let least = Double($0.peers.count) / maximumPullRate
            return $0.interval.inSeconds >= least
                ? nil
                : "allowed: at most 5,000 pulls per second; \($0.peers.count) peers need an "
                    + "interval of at least \(least.words) seconds"
        },
        Rule(keys: ["NOVA_FED_WINDOW_SEC", "NOVA_FED_SYNC_INTERVAL"]) {
            let (least, most) = ($0.interval * 3, $0.interval * 3_600)
            return $0.window >= least && $0.window <= most
                ? nil : "allowed: 3 to 3,600 intervals, \(least.words) to \(most.words) seconds"
        },
        Rule(keys: ["NOVA_FED_MAX_AGE_SEC", "NOVA_FED_SYNC_INTERVAL"]) {
            let least = $0.interval * 2
            return $0.maxAge >= least
                ? nil : "allowed: at least 2 intervals, \(least.words) seconds"
        },
        Rule(keys: ["NOVA_FED_QUALITY_W1", "NOVA_FED_QUALITY_W2", "NOVA_FED_QUALITY_W3"]) {
            $0.successWeight + $0.latencyWeight + $0.freshnessWeight > 0
                ? nil : "allowed: at least one weight above 0"
        },
        Rule(keys: [fileLimitKey]) { $0.fileLimitBreach },
        Rule(keys: ["NOVA_FED_MAX_IN_FLIGHT", "NOVA_FED_MAX_CONNECTIONS", fileLimitKey]) {
            $0.inFlightBreach
        },
    ]
}

extension Duration {
    /// The seconds as an operator writes them: `30`, `2.5`.
    package var words: String { inSeconds.words }
}
