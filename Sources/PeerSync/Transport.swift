package import Federation
package import Timing

/// One GET of one peer's summary, to be made; made once for each peer, and shared from then on.
package final class Pull: Sendable {
    package let index: Peer.Index
    package let peer: Peer
    /// What is asked for; made once, not for each pull.
    package let url: String
    /// The host if it has to be looked up; nil if it is an address.
    package let hostName: String?

    package init(index: Peer.Index, peer: Peer) {
        self.index = index
        self.peer = peer
        url = peer.summaryURL
        hostName = peer.hostName
    }
}

/// What one pull came to, before anybody looked at the body.
package struct Ended: Sendable {
    package var index: Peer.Index
    package var at: Instant
    package var timings: Timings
    package var result: Result

    /// The three ends of a pull.
    package enum Result: Sendable {
        /// A 2xx and its body.
        case answered(body: [UInt8], status: Int)
        case failed(Failure)
        /// It timed out while this process was itself held up, so nothing is known about the peer.
        /// The failure says what the pull stood in then.
        case heldUp(Failure)
    }

    package init(index: Peer.Index, at: Instant, timings: Timings, result: Result) {
        self.index = index
        self.at = at
        self.timings = timings
        self.result = result
    }
}

/// Makes pulls.
package protocol Transport: Sendable {
    /// Starts `pulls`, each with its deadline `timeout` away; by the task that calls `collect`.
    ///
    /// Each comes back exactly once from `collect`, at its deadline at the latest.
    func start(_ pulls: [Pull], timeout: Duration) async

    /// Waits until some pull has ended or `until` has come; what ends first may wait for company,
    /// for `gathering` at most.
    ///
    /// Called by one task, again and again. Returns at once when the task is cancelled.
    func collect(until: Instant, gathering: Duration) async -> [Ended]

    /// Ends the wait in `collect`, or that of its next call; from any task.
    func interrupt() async

    /// Cuts off the pulls of some peers, which then do not come back, and forgets the addresses of
    /// `names`; by the task that calls `collect`, between two calls.
    func giveUp(_ peers: Set<Peer.Index>, names: Set<String>) async
}

/// Tells the time.
package protocol Timekeeper: Sendable {
    /// The present moment of the monotonic clock.
    var now: Instant { get }
    /// The present moment in Unix seconds: for what is shown, and for anchoring the schedule.
    var wallNow: Double { get }
}

extension Ended {
    /// The status of the answer, if there was one.
    package var status: Int? {
        switch result {
        case .answered(_, let status): status
        case .failed(let failure): failure.status
        case .heldUp(let failure): failure.status
        }
    }
}
