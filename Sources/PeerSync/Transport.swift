package import Federation
package import Timing

/// A request for the summary of one peer; created once for each peer and reused.
package final class Pull: Sendable {
    package let index: Peer.Index
    package let peer: Peer
    /// Precomputed, because every pull needs it.
    package let url: String
    /// The host if it must be resolved; nil for an address.
    package let hostName: String?

    package init(index: Peer.Index, peer: Peer) {
        (self.index, self.peer) = (index, peer)
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
    /// The certificate of the peer, if the pull made a TLS handshake.
    package var certificate: PeerCertificate?

    package enum Result: Sendable {
        /// A 2xx response with its body.
        case answered(body: [UInt8], status: Int)
        case failed(Failure)
        /// The pull timed out while this process was delayed, so the failure may not be the peer's.
        case heldUp(Failure)
    }

    package init(index: Peer.Index, at: Instant, timings: Timings, result: Result) {
        (self.index, self.at, self.timings, self.result) = (index, at, timings, result)
    }

    /// The HTTP status, if there was a response.
    package var status: Int? {
        switch result {
        case .answered(_, let status): status
        case .failed(let failure), .heldUp(let failure): failure.status
        }
    }
}

/// Performs pulls.
package protocol Transport: Sendable {
    /// Starts `pulls` with a deadline `timeout` from now; called by the task that calls `collect`.
    ///
    /// `collect` returns each of them exactly once, at its deadline at the latest.
    func start(_ pulls: [Pull], timeout: Duration) async

    /// Waits until a pull has finished or `until` is reached, and returns the finished pulls.
    ///
    /// The first finished pull may wait up to `gathering` for others. Called repeatedly by one
    /// task; returns at once when it is cancelled.
    func collect(until: Instant, gathering: Duration) async -> [FinishedPull]

    /// Ends the wait of the current or next call of `collect`; from any task.
    func interrupt() async

    /// Abandons the pulls of `peers`, and forgets the addresses of `names`.
    ///
    /// `collect` does not return these pulls. Called by the same task as `collect`.
    func giveUp(_ peers: Set<Peer.Index>, names: Set<String>) async
}

/// Provides the time.
package protocol Timekeeper: Sendable {
    /// The present moment of the monotonic clock.
    var now: Instant { get }
    /// The same in Unix seconds; only for display and to anchor the schedule.
    var wallNow: Double { get }
}
