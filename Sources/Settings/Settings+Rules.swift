internal import Federation
internal import Timing

extension Settings {
    /// A rule between settings that are each within their own bounds.
    struct Rule: Sendable {
        /// A fault names the first of them that was set.
        var keys: [String]
        /// Why the rule is broken; nil if it is not.
        var breach: @Sendable (Settings) -> String?
        /// Whether the rule also applies to the settings that stay in force until a restart.
        var holdsUntilRestart = true
    }

    /// The maximum number of pulls that start in one second.
    static let maximumPullRate = 5_000.0

    static let rules = pullingRules + trustRules + governorRules

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
        // The window contains the failures that are counted.
        Rule(keys: ["NOVA_FED_DOWN_AFTER", "NOVA_FED_WINDOW_SEC", "NOVA_FED_SYNC_INTERVAL"]) {
            let most = $0.window.count(of: $0.interval)
            return $0.downAfter <= most
                ? nil : "allowed: at most window / interval, \(most)"
        },
        Rule(keys: ["NOVA_FED_MAX_AGE_SEC", "NOVA_FED_SYNC_INTERVAL"]) {
            let least = $0.interval * 2
            return $0.maxAge >= least
                ? nil : "allowed: at least 2 intervals, \(least.words) seconds"
        },
        Rule(keys: ["NOVA_FED_STALE_AFTER_SEC", "NOVA_FED_SYNC_INTERVAL"]) {
            let least = $0.interval * 2
            return $0.staleAfter >= least
                ? nil : "allowed: at least 2 intervals, \(least.words) seconds"
        },
        Rule(keys: ["NOVA_FED_QUALITY_W1", "NOVA_FED_QUALITY_W2", "NOVA_FED_QUALITY_W3"]) {
            $0.qualityWeights.success + $0.qualityWeights.latency + $0.qualityWeights.freshness > 0
                ? nil : "allowed: at least one weight above 0"
        },
        Rule(keys: [fileLimitKey]) { $0.fileLimitBreach },
        Rule(keys: ["NOVA_FED_MAX_IN_FLIGHT", "NOVA_FED_MAX_CONNECTIONS", fileLimitKey]) {
            $0.inFlightBreach
        },
    ]

    private static let trustRules = [
        Rule(keys: ["NOVA_FED_TLS_CERT_FILE", "NOVA_FED_TLS_KEY_FILE"]) {
            ($0.certificateFile == nil) == ($0.keyFile == nil)
                ? nil : "allowed: NOVA_FED_TLS_CERT_FILE and NOVA_FED_TLS_KEY_FILE, or neither"
        },
        Rule(keys: ["NOVA_FED_CLIENT_CA_FILE", "NOVA_FED_TLS_CERT_FILE"]) {
            $0.clientAuthorityFile == nil || $0.isTLS
                ? nil
                : "allowed: only with NOVA_FED_TLS_CERT_FILE and NOVA_FED_TLS_KEY_FILE, because "
                    + "clients present certificates over TLS"
        },
        // The names take effect at a reload, the authorities at a restart.
        Rule(
            keys: ["NOVA_FED_CLIENT_SANS", "NOVA_FED_CLIENT_CA_FILE"],
            breach: {
                $0.clientNames.isEmpty || $0.clientAuthorityFile != nil
                    ? nil : "allowed: only with NOVA_FED_CLIENT_CA_FILE"
            },
            holdsUntilRestart: false
        ),
    ]

    /// The rules between the constants of the governor.
    private static let governorRules = [
        order(\.governor.thresholds.criticalMargin, below: \.governor.thresholds.stabilizingMargin),
        order(\.governor.thresholds.stabilizingMargin, below: \.governor.thresholds.optimalMargin),
        order(\.governor.thresholds.optimalMargin, below: \.governor.thresholds.exploringMargin),
        order(\.governor.thresholds.exploringGStar, atMost: \.governor.thresholds.optimalGStar),
        order(\.governor.thresholds.criticalMargin, atMost: \.governor.eta.least),
        order(\.governor.eta.least, atMost: \.governor.eta.most),
        Rule(keys: ["NOVA_WISDOM_ETA_DEFAULT", "NOVA_WISDOM_ETA_MIN", "NOVA_WISDOM_ETA_MAX"]) {
            let eta = $0.governor.eta
            // If minimum and maximum are not in order, that is the fault.
            guard eta.least <= eta.most, eta.clamp(eta.initial) != eta.initial else { return nil }
            return "allowed: NOVA_WISDOM_ETA_MIN to NOVA_WISDOM_ETA_MAX, "
                + "\(eta.least.words) to \(eta.most.words)"
        },
        order(\.governor.triEtaCap.lowCoherence, below: \.governor.triEtaCap.highCoherence),
        order(\.governor.triEtaCap.lowCap, atMost: \.governor.triEtaCap.highCap),
        order(\.governor.thresholds.criticalMargin, atMost: \.governor.triEtaCap.lowCap),
    ]

    private typealias NumberField = any WritableKeyPath<Settings, Double> & Sendable

    private static func order(_ lower: NumberField, below upper: NumberField) -> Rule {
        order(lower, upper, "below") { $0 < $1 }
    }

    private static func order(_ lower: NumberField, atMost upper: NumberField) -> Rule {
        order(lower, upper, "at most") { $0 <= $1 }
    }

    private static func order(
        _ lower: NumberField,
        _ upper: NumberField,
        _ words: String,
        _ isOrdered: @escaping @Sendable (Double, Double) -> Bool
    ) -> Rule {
        let keys = [SettingsTable.key(of: lower), SettingsTable.key(of: upper)]
        return Rule(keys: keys) {
            let (low, high) = ($0[keyPath: lower], $0[keyPath: upper])
            return isOrdered(low, high)
                ? nil
                : "allowed: \(keys[0]) \(words) \(keys[1]); they are \(low.words) and \(high.words)"
        }
    }
}
