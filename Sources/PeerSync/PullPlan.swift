package import Federation

/// What the loop goes by.
///
/// Settings only; a reload hands over another.
package struct PullPlan: Hashable, Sendable {
    /// Those to pull, each place and each label once.
    package var peers: [Peer]
    /// Each peer is pulled once in it.
    package var interval: Duration
    /// The hard deadline of one pull, at most the interval.
    package var timeout: Duration
    /// How many pulls may be under way at once, at least 1.
    package var maxInFlight: Int
    /// How long observations are kept.
    package var window: Duration

    package init(
        peers: [Peer],
        interval: Duration,
        timeout: Duration,
        maxInFlight: Int,
        window: Duration
    ) {
        self.peers = peers
        self.interval = interval
        self.timeout = timeout
        self.maxInFlight = maxInFlight
        self.window = window
    }
}
