/// What the loop goes by.
///
/// Settings only; a reload hands over another.
package struct PullPlan: Hashable, Sendable {
    /// Those to pull, each place and each label once.
    package var peers: [Peer]
    /// Where each of `peers` stands in the configured list; empty while they are in its order.
    package var ranks: [Int] = []
    /// Each peer is pulled once in it.
    package var interval: Duration
    /// How long one pull may take, at most the interval; see `deadline`.
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

extension PullPlan {
    /// The hard deadline of one pull: the timeout, or less, so that the pull of a peer that never
    /// answers has ended before the next slot of that peer.
    package var deadline: Duration { Self.deadline(timeout: timeout, interval: interval) }

    /// min(timeout, interval - turnaround).
    package static func deadline(timeout: Duration, interval: Duration) -> Duration {
        min(timeout, interval - turnaround(of: interval))
    }

    /// The least time from the deadline of a pull to the next slot of its peer: 50 ms, or a fifth
    /// of a shorter interval than 250 ms.
    ///
    /// It covers what comes on top of the deadline: the pull may start some ms after its slot, the
    /// client ends it 2 ms after its deadline, it waits 10 ms for others that end, and the loop
    /// has to turn. What is left lets a peer that came late catch up with its slots.
    package static func turnaround(of interval: Duration) -> Duration {
        min(.milliseconds(50), interval / 5)
    }
}
