internal import Timing

/// What changed about a peer with one pull; an operator is to read it once.
package struct PeerChange: Sendable {
    package enum What: Hashable, Sendable {
        /// It answers, after being down for so long; nil if this is its first pull.
        case up(after: Duration?)
        /// It failed and had not failed the time before.
        case down(Failure)
        /// Who it is has changed; said once, however often a changing peer goes on to change.
        case identity(from: IdentityState, to: IdentityState)
        /// Another node answers than the time before.
        case nodeID(from: String, to: String)
        /// Several pulls in a row gave the numbers and the `ts` of another peer.
        case sameNumbers(as: String)
    }

    package var peer: Peer
    /// The node id of its latest answer.
    package var nodeID: String?
    /// At least one change.
    package var what: [What]
}

/// The state of a peer that was reported to the operator last.
struct ReportedState: Sendable {
    var state = PeerState.unknown
    /// Since when it was in that state.
    var since: Instant?
    var identity = IdentityState.unknown
}

extension PeerHistory {
    /// The changes to report after `pull`, if any.
    ///
    /// `identity` is who the peer is with this pull, `nodeID` what it gave the time before, and
    /// `twin` the peer whose numbers it gives.
    mutating func change(
        after pull: Observation,
        identity: IdentityState,
        before nodeID: String?,
        sameNumbersAs twin: String?
    ) -> PeerChange? {
        var what: [PeerChange.What] = []
        if let change = stateChange(at: pull.received) { what.append(change) }
        if case .success = pull.outcome {
            if let change = identityChange(to: identity, before: nodeID) { what.append(change) }
        }
        if let twin { what.append(.sameNumbers(as: twin)) }
        return what.isEmpty ? nil : PeerChange(peer: peer, nodeID: answer?.nodeID, what: what)
    }

    private mutating func stateChange(at now: Instant) -> PeerChange.What? {
        guard state != reported.state else { return nil }
        let before = reported
        reported.state = state
        reported.since = now
        switch (before.state, state) {
        case (_, .down): return lastFailure.map { .down($0.failure) }
        case (.down, _): return .up(after: before.since.map { now - $0 })
        case (.unknown, .up): return .up(after: nil)
        // Between up, self and clone the identity tells it.
        default: return nil
        }
    }

    private mutating func identityChange(
        to identity: IdentityState,
        before previous: String?
    ) -> PeerChange.What? {
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
