package import Federation
package import Timing

/// A request for one peer's summary; created once for each peer and reused.
package final class Pull: Sendable {
    package let index: Peer.Index
    package let peer: Peer
    /// Precomputed, because every pull needs it.
    package let url: String
    /// The host if it must be resolved; nil for an address.
    package let hostName: String?

    package init(index: Peer.Index, peer: Peer) {
        self.index = index
        self.peer = peer
        url = peer.summaryURL
        hostName = peer.hostName
    }
}

/// A finished pull, before its body is validated.
package struct FinishedPull: Sendable {
    package var index: Peer.Index
    package var at: Instant
    package var timings: Timings
    package var result: Result

    /// The three results of a pull.
    package enum Result: Sendable {
        /// A 2xx response with its body.
        case answered(body: [UInt8], status: Int)
        case failed(Failure)
        /// The pull timed out while this process itself was delayed, so nothing is known about the
        /// peer.
        ///
        /// The failure shows during which part it ended.
        case heldUp(Failure)
    }

    package init(index: Peer.Index, at: Instant, timings: Timings, result: Result) {
        self.index = index
        self.at = at
        self.timings = timings
        self.result = result
    }
}

/// Performs pulls.
package protocol Transport: Sendable {
    /// Starts `pulls` with a deadline `timeout` from now; called by the task that calls `collect`.
    ///
    /// `collect` returns each pull exactly once, at the latest at its deadline.
    func start(_ pulls: [Pull], timeout: Duration) async

    /// Waits until a pull has finished or `until` is reached, and returns the finished pulls.
    ///
    /// The first finished pull may wait up to `gathering` for others. Called repeatedly by one
    /// task. Returns at once when the task is cancelled.
    func collect(until: Instant, gathering: Duration) async -> [FinishedPull]

    /// Ends the wait of the current or next call of `collect`; from any task.
    func interrupt() async

    /// Abandons the pulls of some peers, which `collect` then does not return, and forgets the
    /// addresses of `names`.
    ///
    /// Called between calls of `collect`, by the same task.
    func giveUp(_ peers: Set<Peer.Index>, names: Set<String>) async
}

/// Provides the time.
package protocol Timekeeper: Sendable {
    /// The present moment of the monotonic clock.
    var now: Instant { get }
    /// The present moment in Unix seconds; only for display and for anchoring the schedule.
    var wallNow: Double { get }
}

extension FinishedPull {
    /// The status of the response, if there was one.
    package var status: Int? {
        switch result {
        case .answered(_, let status): status
        case .failed(let failure): failure.status
        case .heldUp(let failure): failure.status
        }
    }
}
