internal import Federation
package import JSON

/// What one node reports on `/federation/health` about itself and its peers.
package struct NodeView: Sendable {
    package var nodeID: String
    /// The run of the process.
    package var instance: String?
    package var version: String?
    /// Seconds since the node started.
    package var uptime: Double?
    /// Nil for a version that does not report its clock.
    package var clock: ClockReading?
    /// Its list of peers.
    package var sightings: [Sighting]
    /// Whether its list was dropped because the lists together exceed `Survey.maximumSightings`.
    package var isListOmitted = false

    package init(
        nodeID: String,
        instance: String?,
        version: String?,
        uptime: Double?,
        clock: ClockReading?,
        sightings: [Sighting]
    ) {
        (self.nodeID, self.instance, self.version) = (nodeID, instance, version)
        (self.uptime, self.clock, self.sightings) = (uptime, clock, sightings)
    }

    /// Reads the page; nil if it is not a node's.
    ///
    /// `sent` and `received` are the start and the end of the request, in Unix seconds by the clock
    /// of this machine.
    package init?(_ health: JSONTree, sent: Double, received: Double) {
        guard let nodeID = health["node_id"].string else { return nil }
        let middle = (sent + received) / 2
        let clock = health["now"].number
        let own = health["self"]
        let isCutOff = own["causes"].items
            .contains { $0.string == SelfVerdict.Cause.allPeersFailing.rawValue }
        let since = clock.flatMap { now in own["since"].number.map { middle - (now - $0) } }
        self.init(
            nodeID: nodeID.shortened,
            instance: health["instance"].string?.shortened,
            version: health["version"].string?.shortened,
            uptime: health["uptime"].number,
            clock: clock.map {
                ClockReading(ahead: $0 - middle, uncertainty: (received - sent) / 2)
            },
            sightings: health["peers"].items
                .map {
                    let seen = Sighting($0, at: middle)
                    return isCutOff ? seen.unreached(since: since) : seen
                }
        )
    }
}

/// The clock of a node, compared with that of this machine.
package struct ClockReading: Sendable {
    /// Seconds by which the node's clock is ahead; negative if it is behind.
    package var ahead: Double
    /// The largest error of `ahead`: half of the round trip, in seconds.
    package var uncertainty: Double

    package init(ahead: Double, uncertainty: Double) {
        (self.ahead, self.uncertainty) = (ahead, uncertainty)
    }
}

extension String {
    /// The first 256 characters, because a node can send texts of any length.
    var shortened: String { String(prefix(256)) }
}
