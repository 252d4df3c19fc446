internal import Federation
internal import Host

// Divides the limit of open files between the listener, the pulls and everything else.
extension Settings {
    /// Bounds of the descriptors for everything but event queues, pulls and the listener.
    ///
    /// A node with few peers opens 25, and two for each of up to eight name lookups. A larger limit
    /// reserves more.
    private static let reserved = 48...128
    /// The minimum of NOVA_FED_MAX_CONNECTIONS, set or derived.
    static let minimumConnections = 16
    /// The default of NOVA_FED_MAX_CONNECTIONS if the limit of open files allows it.
    private static let usualConnections = 4_096
    /// The minimum of NOVA_FED_MAX_IN_FLIGHT if it is derived.
    private static let minimumInFlight = 8
    /// The key under which faults name the limit of open files, from setrlimit(2).
    static let fileLimitKey = "RLIMIT_NOFILE"

    /// Descriptors for everything but pulls and connections of the listener.
    var reservedDescriptors: Int { Self.clampReserved(fileLimit / 4) + eventQueues }

    /// Two descriptors for each 64 peers.
    private var eventQueues: Int { peers.count / 32 }

    private static func clampReserved(_ count: Int) -> Int {
        max(reserved.lowerBound, min(reserved.upperBound, count))
    }

    /// The smallest limit of open files that fits the minimal defaults.
    var minimumFileLimit: Int {
        minimumFileLimit(connections: Self.minimumConnections, places: Self.minimumInFlight)
    }

    /// The smallest limit that fits these connections and pulls in flight.
    private func minimumFileLimit(connections: Int, places: Int) -> Int {
        let rest = eventQueues + connections + places
        // A quarter of the limit is reserved, which is a third of the rest.
        return rest + Self.clampReserved((rest - 1) / 3)
    }

    /// The default of NOVA_FED_MAX_CONNECTIONS: 4,096, at most half the limit of open files.
    ///
    /// If the limit is too small for 4,096, pulls are served first: as many as are set, otherwise
    /// 256 or half of what is not reserved.
    var derivedConnections: Int {
        guard fileLimit / 2 < Self.usualConnections else { return Self.usualConnections }
        let available = fileLimit - reservedDescriptors
        let places = configuredInFlight ?? min(256, available / 2)
        return max(Self.minimumConnections, min(fileLimit / 2, available - places))
    }

    /// How many pulls in flight the limit of open files allows; may be negative.
    package var allowedInFlight: Int { fileLimit - maxConnections - reservedDescriptors }
}

// Faults, warnings and notes about a limit that is too small.
extension Settings {
    private static let howToRaise = "with ulimit -n or LimitNOFILE= in the unit, then restart"

    /// A fault if the limit does not fit even the minimal defaults.
    var fileLimitBreach: String? {
        guard fileLimit < minimumFileLimit else { return nil }
        return "the limit of open files is \(fileLimit); allowed: at least "
            + "\(minimumFileLimit) with \(peers.count) peers; raise it \(Self.howToRaise)"
    }

    /// A fault if the limit fits the minimal defaults, but not these connections and pulls.
    var inFlightBreach: String? {
        let isUnset = configuredConnections == nil && configuredInFlight == nil
        let places = configuredInFlight ?? (isUnset ? Self.minimumInFlight : 1)
        guard allowedInFlight < places, fileLimit >= minimumFileLimit else { return nil }
        let needed = minimumFileLimit(connections: maxConnections, places: places)
        if isUnset {
            // Only at a reload, because a restart derives the connections again.
            return "the limit of open files is \(fileLimit); allowed: at least \(needed) with "
                + "\(peers.count) peers beside the listener's \(maxConnections) connections; "
                + "restart, which reserves fewer for the listener, or raise it \(Self.howToRaise)"
        }
        return "the limit of open files (\(Self.fileLimitKey)) is \(fileLimit); \(maxConnections) "
            + "listener connections and \(reservedDescriptors) other files leave "
            + "\(max(0, allowedInFlight)) pulls in flight; lower NOVA_FED_MAX_CONNECTIONS or "
            + "NOVA_FED_MAX_IN_FLIGHT, or raise the limit to at least \(needed) \(Self.howToRaise)"
    }

    /// A note if the limit makes a default smaller than usual.
    var shrunkDefaults: String? {
        var shrunk: [String] = []
        let connections = configuredConnections ?? Self.usualConnections
        if maxConnections < connections {
            shrunk.append("NOVA_FED_MAX_CONNECTIONS is \(maxConnections) instead of \(connections)")
        }
        let places = configuredInFlight ?? wantedInFlight
        if maxInFlight < places {
            shrunk.append("NOVA_FED_MAX_IN_FLIGHT is \(maxInFlight) instead of \(places)")
        }
        guard !shrunk.isEmpty else { return nil }
        let needed = minimumFileLimit(connections: connections, places: places)
        // Derived connections are at most half the limit.
        let least = configuredConnections == nil ? max(2 * connections, needed) : needed
        return "the limit of open files (\(Self.fileLimitKey)) is \(fileLimit), so "
            + "\(shrunk.joined(separator: " and ")); the usual defaults need at least "
            + "\(least); raise it \(Self.howToRaise)"
    }

    /// The smallest limit of open files that allows `places` pulls in flight after a restart.
    private func minimumFileLimit(leaving places: Int) -> Int {
        var probe = self
        var (tooSmall, enough) = (0, FileLimit.unlimited)
        while enough - tooSmall > 1 {
            probe.fileLimit = (tooSmall + enough) / 2
            // The default grows with the limit.
            if configuredConnections == nil { probe.maxConnections = probe.derivedConnections }
            let isEnough = probe.allowedInFlight >= places
            if isEnough { enough = probe.fileLimit } else { tooSmall = probe.fileLimit }
        }
        return enough
    }

    /// A warning if pulls would be missed while all peers are dead.
    var inFlightShortage: String? {
        guard tolerableDeadPeers < peers.count else { return nil }
        let needed = Int(inFlightIfAllDead.rounded(.up))
        let cause =
            configuredInFlight == nil
            ? ", the most that a limit of open files (\(Self.fileLimitKey)) of \(fileLimit) allows"
            : ""
        let limit = minimumFileLimit(leaving: needed)
        let remedy =
            fileLimit < limit
            ? "; raise the limit of open files to at least \(limit) \(Self.howToRaise)" : ""
        return "NOVA_FED_MAX_IN_FLIGHT is \(maxInFlight)\(cause); pulls are missed if more than "
            + "\(tolerableDeadPeers) of \(peers.count) peers are dead; all \(peers.count) need "
            + "at least \(needed)\(remedy)"
    }
}
