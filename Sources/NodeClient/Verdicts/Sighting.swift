package import Federation
internal import JSON

/// What a node reports about one of its peers.
package struct Sighting: Sendable {
    /// Its name for the peer.
    package var label: String
    package var url: String
    package var state: PeerState
    package var identity: IdentityState
    /// The node id in the peer's latest summary.
    package var nodeID: String?
    /// When the state began, in Unix seconds by the clock of this machine; nil before the first
    /// pull.
    package var since: Double?
    /// The reason of the last failed pull, however long ago.
    package var reason: String?
    /// Seconds since the last failed pull.
    package var failureAge: Double?

    package init(
        label: String,
        url: String,
        state: PeerState,
        identity: IdentityState = .ok,
        nodeID: String?,
        since: Double? = nil,
        reason: String? = nil,
        failureAge: Double? = nil
    ) {
        (self.label, self.url, self.state, self.identity) = (label, url, state, identity)
        (self.nodeID, self.since) = (nodeID, since)
        (self.reason, self.failureAge) = (reason, failureAge)
    }

    /// Reads an element of `peers`; `moment` is the Unix time of the page.
    ///
    /// A state or an identity that this version does not have counts as unknown.
    init(_ peer: JSONTree, at moment: Double) {
        let failure = peer["last_failure"]
        self.init(
            label: peer["id"].string?.shortened ?? "?",
            url: peer["url"].string.map { String($0.prefix(Peer.maximumBytes)) } ?? "",
            state: peer["state"].string.flatMap(PeerState.init(rawValue:)) ?? .unknown,
            identity: peer["identity"].string.flatMap(IdentityState.init(rawValue:)) ?? .unknown,
            nodeID: peer["node_id"].string?.shortened,
            since: peer["state_age"].number.map { moment - $0 },
            reason: failure["reason"].string?.shortened,
            failureAge: failure["age"].number
        )
    }

    /// The sighting of a node that reaches no peer, and therefore reports the states from before.
    func unreached(since: Double?) -> Sighting {
        guard isUp == true else { return self }
        var seen = self
        (seen.state, seen.since) = (.down, since)
        return seen
    }

    /// Whether the peer responded to the latest pull; nil if there is none yet.
    package var isUp: Bool? {
        switch state {
        case .up, .clone: true
        case .down: false
        case .unknown, .itself: nil
        }
    }

    /// The state, with the reason if the peer is down.
    var stateAndReason: String {
        state == .down ? "down, \(reason ?? "unknown reason")" : state.rawValue
    }
}
