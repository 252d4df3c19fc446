internal import Timing

/// The changes of a peer that one pull revealed; each is logged once.
package struct PeerChange: Sendable {
    package enum Event: Hashable, Sendable {
        /// The peer answers after it was down for this long; nil if this was its first pull.
        case up(after: Duration?)
        /// Enough consecutive pulls have failed; nil if it was the first pull.
        case down(Failure, after: Duration?)
        /// The identity changed; reported once while the peer stays `changing`.
        case identity(from: IdentityState, to: IdentityState)
        /// The peer answers with another node id than before.
        case nodeID(from: String, to: String)
        /// Several consecutive pulls returned the numbers and the `ts` of another peer.
        case sameNumbers(as: String)
        /// The peer answers, but its `ts` has not changed for this long.
        case stale(age: Duration)
        /// The numbers are no longer stale; they were stale for this long.
        case fresh(after: Duration)
    }

    package var peer: Peer
    /// The node id of the latest answer.
    package var nodeID: String?
    /// Never empty.
    package var events: [Event]
}

/// The state of a peer that was reported last.
struct ReportedState: Sendable {
    var state = PeerState.unknown
    /// When the peer entered that state.
    var since: Instant?
    var identity = IdentityState.unknown
}

extension PeerHistory {
    /// The changes to report after `pull`, if any.
    ///
    /// `identity` is the peer's identity after this pull, `nodeID` the node id before it, `twin`
    /// the peer with the same numbers, and `age` the change of its own numbers' age.
    mutating func change(
        after pull: Observation,
        identity: IdentityState,
        before nodeID: String?,
        sameNumbersAs twin: String?,
        age: PeerChange.Event?
    ) -> PeerChange? {
        var events: [PeerChange.Event] = []
        if let change = stateChange(at: pull.received) { events.append(change) }
        if case .success = pull.outcome {
            if let change = identityChange(to: identity, before: nodeID) { events.append(change) }
        }
        if let twin { events.append(.sameNumbers(as: twin)) }
        if let age { events.append(age) }
        return events.isEmpty
            ? nil : PeerChange(peer: peer, nodeID: answer?.nodeID, events: events)
    }

    private mutating func stateChange(at now: Instant) -> PeerChange.Event? {
        guard state != reported.state else { return nil }
        let before = reported
        reported.state = state
        reported.since = now
        let lasted = before.since.map { now - $0 }
        switch (before.state, state) {
        case (_, .down): return lastFailure.map { .down($0.failure, after: lasted) }
        case (.down, _): return .up(after: lasted)
        case (.unknown, .up): return .up(after: nil)
        // The identity change reports moves between up, self and clone.
        default: return nil
        }
    }

    private mutating func identityChange(
        to identity: IdentityState,
        before previous: String?
    ) -> PeerChange.Event? {
        let last = reported.identity
        reported.identity = identity
        if identity != last {
            return last == .unknown && identity == .ok ? nil : .identity(from: last, to: identity)
        }
        guard identity != .changing, let previous, let answer else { return nil }
        guard !answer.nodeID.hasSameBytes(as: previous) else { return nil }
        return .nodeID(from: previous, to: answer.nodeID)
    }
}
