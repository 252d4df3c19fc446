internal import Timing

/// The latest changes of a peer's node id, as many as `IdentityState.changing` needs.
struct IdentityChanges: Sendable {
    /// The times of the latest three changes, newest first.
    private var latest: Instant?
    private var second: Instant?
    private var third: Instant?

    mutating func add(_ moment: Instant) {
        (latest, second, third) = (moment, latest, second)
    }

    /// Whether three or more changes happened at or after `horizon`.
    func areMany(since horizon: Instant) -> Bool {
        guard let third else { return false }
        return third >= horizon
    }
}

/// The node id and version in the metrics of a peer.
///
/// Every value creates a time series and peers choose it, so a new value is published at most once
/// a minute.
struct ShownNode: Sendable {
    /// The minimum time between two values.
    static let stay = Duration.seconds(60)

    var nodeID: String
    var version: String
    /// When this value was first published.
    var since: Instant

    /// Returns the value to publish when `current` is the peer's latest answer.
    func replaced(by current: ShownNode) -> ShownNode {
        let isSame =
            nodeID.hasSameBytes(as: current.nodeID) && version.hasSameBytes(as: current.version)
        return isSame || current.since - since < Self.stay ? self : current
    }
}
