/// The settings of the pull loop; a reload replaces them.
package struct PullPlan: Hashable, Sendable {
    /// The peers to pull; URLs and labels are unique.
    package var peers: [Peer]
    /// The positions of `peers` in the configured list; empty if they are in that order.
    package var ranks: [Int] = []
    /// The time between two slots of a peer.
    package var interval: Duration
    /// The configured timeout of one pull; see `deadline`.
    package var timeout: Duration
    /// The most concurrent pulls, at least 1.
    package var maxInFlight: Int
    /// How long observations are kept.
    package var window: Duration
    /// How long the `ts` of a peer may stay the same before its numbers are stale.
    package var staleAfter: Duration
    /// How many consecutive failed pulls make a peer `down`, at least 1.
    package var downAfter = 1

    package init(
        peers: [Peer],
        interval: Duration,
        timeout: Duration,
        maxInFlight: Int,
        window: Duration,
        staleAfter: Duration = .seconds(300)
    ) {
        self.peers = peers
        self.interval = interval
        self.timeout = timeout
        self.maxInFlight = maxInFlight
        self.window = window
        self.staleAfter = staleAfter
    }
}

extension PullPlan {
    /// The deadline of one pull, so that the pull of a hung peer ends before its next slot.
    package var deadline: Duration { Self.deadline(timeout: timeout, interval: interval) }

    /// min(timeout, interval - turnaround), with a turnaround of 50 ms, or a fifth of an interval
    /// below 250 ms.
    ///
    /// The turnaround covers what follows the deadline: the pull may start some ms after its slot,
    /// the client ends it up to 2 ms after its deadline, the result waits up to 10 ms for others,
    /// and the loop must run. The rest lets a late peer catch up with its slots.
    package static func deadline(timeout: Duration, interval: Duration) -> Duration {
        let turnaround = min(.milliseconds(50), interval / 5)
        return min(timeout, interval - turnaround)
    }
}
