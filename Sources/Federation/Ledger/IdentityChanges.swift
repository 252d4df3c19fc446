internal import Timing

/// The latest changes of a peer's node id, as many as it takes to call it changing.
struct IdentityChanges: Sendable {
    /// The moments of the latest three, the latest first.
    private var latest: Instant?
    private var second: Instant?
    private var third: Instant?

    /// Notes a change.
    mutating func add(_ moment: Instant) {
        (latest, second, third) = (moment, latest, second)
    }

    /// Whether there were three or more since `horizon`.
    func areMany(since horizon: Instant) -> Bool {
        guard let third else { return false }
        return third >= horizon
    }
}

/// The node id and version of a peer as its metric shows them.
///
/// Each value is a series of its own, and a peer says what it likes, so a new value is taken over
/// a minute after the one before at the earliest.
struct ShownNode: Sendable {
    /// How long a value stays at least.
    static let stay = Duration.seconds(60)

    var nodeID: String
    var version: String
    /// Since when it is shown.
    var since: Instant

    /// The value to show now that `current` is the case.
    func replaced(by current: ShownNode) -> ShownNode {
        let isSame =
            nodeID.hasSameBytes(as: current.nodeID) && version.hasSameBytes(as: current.version)
        return isSame || current.since - since < Self.stay ? self : current
    }
}
