internal import Timing

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
