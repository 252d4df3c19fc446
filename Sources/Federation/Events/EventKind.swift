/// The kind of an event; the raw values appear at `/federation/events` and in the metric.
package enum EventKind: String, CaseIterable, Sendable {
    case start
    case stop
    case peerUp = "peer_up"
    case peerDown = "peer_down"
    /// A peer that changes too often to record each change; see `FlapFilter`.
    case peerFlapping = "peer_flapping"
    case peerAdded = "peer_added"
    case peerRemoved = "peer_removed"
    case identity
    /// This node itself may be the reason why its pulls fail; one event at the start and one at
    /// the end.
    case suspect
    /// A peer answers, but its `ts` does not change; later it changes again.
    case stale
    case fresh
    case sourceFailed = "source_failed"
    case sourceRecovered = "source_recovered"
    case reload
    case reloadFailed = "reload_failed"
    case context
    case regime
    case stateReset = "state_reset"
}
