import Federation
internal import Timing

extension Settings {
    /// The most pulls that begin in one second.
    static let maximumPullRate = 5_000.0

    /// Descriptors that are neither pulls nor connections of the listener: sockets of the loops
    /// (two for each 64 peers), files, the resolver, standard streams.
    ///
    /// A node with few peers opens 25, and two for each of eight lookups. Of a large limit more is
    /// left over.
    var reservedDescriptors: Int {
        max(Self.fewestReserved, min(Self.mostReserved, fileLimit / 4)) + peers.count / 32
    }

    private static let fewestReserved = 48
    private static let mostReserved = 128
    /// The fewest connections of the listener, as a value or as a default.
    static let fewestConnections = 16
    /// The fewest pulls in flight that a default comes to.
    private static let fewestInFlight = 8

    /// The smallest limit of open files with which the defaults fit.
    var leastFileLimit: Int {
        let rest = peers.count / 32 + Self.fewestConnections + Self.fewestInFlight
        // The reserve is a quarter of the limit, within its bounds.
        return rest + max(Self.fewestReserved, min(Self.mostReserved, (rest - 1) / 3))
    }

    /// The listener's connections if they are not set: 4,096, or half of the open files.
    ///
    /// Of a limit that is too small for 4,096, the pulls get theirs first: as many as are set, or
    /// else 256 or half of what is not reserved.
    var fittingConnections: Int {
        guard fileLimit / 2 < 4_096 else { return 4_096 }
        let available = fileLimit - reservedDescriptors
        let places = claimedInFlight ?? min(256, available / 2)
        return max(Self.fewestConnections, min(fileLimit / 2, available - places))
    }

    /// What stands for the limit of open files where a key is wanted, as in setrlimit(2).
    static let fileLimitKey = "RLIMIT_NOFILE"

    /// How long the listener keeps an idle connection: three intervals, at least 120 seconds.
    ///
    /// It must be well above the interval of any peer. A listener that closes a connection just as
    /// a client reuses it makes that request fail.
    var listenerIdleTimeout: Duration { max(.seconds(120), interval * 3) }

    /// What the limit of open files leaves for pulls; may be negative.
    var allowedInFlight: Int { fileLimit - maxConnections - reservedDescriptors }

    /// Twice the places that all peers need if all of them are dead, and at least 256.
    var wantedInFlight: Int {
        let places = Double(peers.count) * timeout.inSeconds / interval.inSeconds
        return max(256, Int((2 * places).rounded(.up)))
    }

    /// How many dead peers delay nobody: each occupies timeout / interval of a place.
    var survivableDeadPeers: Int {
        Int(Double(maxInFlight) * interval.inSeconds / timeout.inSeconds)
    }

    /// A rule between settings: the first key is the one to blame, the others are why.
    struct Rule: Sendable {
        var keys: [String]
        /// What is wrong; nil if the rule holds.
        var breach: @Sendable (Settings) -> String?
    }

    /// What has to hold between settings that are each inside their own bounds.
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
                : "allowed: 5,000 pulls a second; \($0.peers.count) peers need an interval "
                    + "of at least \(least.words) seconds"
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
                ? nil : "allowed: weights of which at least one is above 0"
        },
        Rule(keys: [fileLimitKey]) {
            $0.fileLimit >= $0.leastFileLimit
                ? nil
                : "the limit of open files is \($0.fileLimit); allowed: at least "
                    + "\($0.leastFileLimit) with \($0.peers.count) peers; raise it with ulimit -n, "
                    + "or LimitNOFILE in the unit"
        },
        Rule(keys: ["NOVA_FED_MAX_IN_FLIGHT", "NOVA_FED_MAX_CONNECTIONS", fileLimitKey]) {
            $0.maxInFlight <= $0.allowedInFlight || $0.fileLimit < $0.leastFileLimit
                ? nil
                : "allowed: what fits the limit of open files; of \($0.fileLimit), "
                    + "\($0.maxConnections) connections of the listener and "
                    + "\($0.reservedDescriptors) for the rest leave "
                    + "\(max(0, $0.allowedInFlight)) pulls in flight"
        },
    ]
}

extension Duration {
    /// The seconds as one writes them: `30`, `2.5`.
    var words: String { inSeconds.words }
}
