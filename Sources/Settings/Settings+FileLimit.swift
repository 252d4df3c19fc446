internal import Federation
internal import Host
internal import Timing

/// How the limit of open files is divided between the listener, the pulls and the rest.
extension Settings {
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
    /// The listener's connections if neither a setting nor the limit of open files says otherwise.
    private static let usualConnections = 4_096
    /// The fewest pulls in flight that a default comes to.
    private static let fewestInFlight = 8

    /// The smallest limit of open files with which the defaults fit.
    var leastFileLimit: Int {
        leastFileLimit(connections: Self.fewestConnections, places: Self.fewestInFlight)
    }

    /// The smallest limit with which these connections and pulls in flight fit.
    private func leastFileLimit(connections: Int, places: Int) -> Int {
        let rest = peers.count / 32 + connections + places
        // The reserve is a quarter of the limit, within its bounds.
        return rest + max(Self.fewestReserved, min(Self.mostReserved, (rest - 1) / 3))
    }

    /// The listener's connections if they are not set: 4,096, or half of the open files.
    ///
    /// Of a limit that is too small for 4,096, the pulls get theirs first: as many as are set, or
    /// else 256 or half of what is not reserved.
    var fittingConnections: Int {
        guard fileLimit / 2 < Self.usualConnections else { return Self.usualConnections }
        let available = fileLimit - reservedDescriptors
        let places = claimedInFlight ?? min(256, available / 2)
        return max(Self.fewestConnections, min(fileLimit / 2, available - places))
    }

    /// What stands for the limit of open files where a key is wanted, as in setrlimit(2).
    static let fileLimitKey = "RLIMIT_NOFILE"

    /// What the limit of open files leaves for pulls; may be negative.
    package var allowedInFlight: Int { fileLimit - maxConnections - reservedDescriptors }
}

// What there is to say of a limit that is too small.
extension Settings {
    private static let remedy = "raise it with ulimit -n, or LimitNOFILE= in the unit, and restart"

    /// Why the limit fits no defaults; nil if it does.
    var fileLimitBreach: String? {
        guard fileLimit < leastFileLimit else { return nil }
        return "the limit of open files is \(fileLimit); allowed: at least \(leastFileLimit) with "
            + "\(peers.count) peers; \(Self.remedy)"
    }

    /// Why the limit does not fit connections and pulls in flight, if it fits the defaults.
    var inFlightBreach: String? {
        let isUnset = claimedConnections == nil && claimedInFlight == nil
        let places = claimedInFlight ?? (isUnset ? Self.fewestInFlight : 1)
        guard allowedInFlight < places, fileLimit >= leastFileLimit else { return nil }
        let needed = leastFileLimit(connections: maxConnections, places: places)
        if isUnset {
            // Only at a reload: a restart divides the limit anew.
            return "the limit of open files is \(fileLimit); allowed: at least \(needed) with "
                + "\(peers.count) peers beside the listener's \(maxConnections) connections; "
                + "restart, which reserves fewer for the listener, or \(Self.remedy)"
        }
        return "the limit of open files (\(Self.fileLimitKey)) is \(fileLimit): \(maxConnections) "
            + "connections of the listener and \(reservedDescriptors) files for the rest leave "
            + "\(max(0, allowedInFlight)) pulls in flight; allowed: what fits the limit; lower "
            + "NOVA_FED_MAX_CONNECTIONS or NOVA_FED_MAX_IN_FLIGHT, or for a limit of at least "
            + "\(needed), \(Self.remedy)"
    }

    /// What a small limit does to settings that nobody set; nil if it does nothing.
    var shrunkDefaults: String? {
        var shrunk: [String] = []
        let connections = claimedConnections ?? Self.usualConnections
        if maxConnections < connections {
            shrunk.append("NOVA_FED_MAX_CONNECTIONS is \(maxConnections) instead of \(connections)")
        }
        let places = claimedInFlight ?? wantedInFlight
        if maxInFlight < places {
            shrunk.append("NOVA_FED_MAX_IN_FLIGHT is \(maxInFlight) instead of \(places)")
        }
        guard !shrunk.isEmpty else { return nil }
        let needed = leastFileLimit(connections: connections, places: places)
        // Up to twice the usual connections, half of the limit is theirs at most.
        let least = claimedConnections == nil ? max(2 * connections, needed) : needed
        return "the limit of open files (\(Self.fileLimitKey)) is \(fileLimit), so "
            + "\(shrunk.joined(separator: " and ")); the usual defaults need \(least): "
            + Self.remedy
    }

    /// The smallest limit of open files that leaves so many pulls in flight after a restart.
    private func leastFileLimit(leaving places: Int) -> Int {
        var probe = self
        var (tooSmall, enough) = (0, FileLimit.unlimited)
        while enough - tooSmall > 1 {
            probe.fileLimit = (tooSmall + enough) / 2
            // A default grows with the limit.
            if claimedConnections == nil { probe.maxConnections = probe.fittingConnections }
            if probe.allowedInFlight >= places {
                enough = probe.fileLimit
            } else {
                tooSmall = probe.fileLimit
            }
        }
        return enough
    }

    /// Why fewer peers may be dead than there are, and what to do; nil if all may be.
    var inFlightShortage: String? {
        guard survivableDeadPeers < peers.count else { return nil }
        let places = Double(peers.count) * timeout.inSeconds / interval.inSeconds
        let needed = Int(places.rounded(.up))
        let cause =
            claimedInFlight == nil
            ? ", all that the limit of open files (\(Self.fileLimitKey)) of \(fileLimit) leaves"
            : ""
        let limit = leastFileLimit(leaving: needed)
        let remedy =
            fileLimit < limit
            ? "; the limit of open files must be at least \(limit): \(Self.remedy)" : ""
        return "NOVA_FED_MAX_IN_FLIGHT is \(maxInFlight)\(cause): with more than "
            + "\(survivableDeadPeers) of \(peers.count) peers dead, pulls are missed; for all of "
            + "them it must be at least \(needed)\(remedy)"
    }
}
