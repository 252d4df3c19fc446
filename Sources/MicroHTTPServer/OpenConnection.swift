import Synchronization

/// One open connection, as the threads that serve it keep it: two stores a request, no lock.
///
/// The time is that of `Moment.now()`: since the machine started, a few milliseconds coarse.
final class OpenConnection: Sendable {
    /// What a connection was doing when it was asked.
    struct Activity: Equatable {
        /// Since when; of an idle one since its last response was sent, or since it was accepted.
        var since: Duration
        /// Whether a request is complete and its response not sent to the end.
        var isAnswering: Bool
        /// Whether a response was sent on it before.
        var wasServed: Bool
    }

    let descriptor: CInt
    let accepted: Duration
    /// Nanoseconds and two flags in one word, so that they are read together.
    private let word: Atomic<Int64>
    private let headBytes = Atomic<Int>(0)

    private static let isAnswering: Int64 = 1
    private static let wasServed: Int64 = 2
    private static let flagBits: Int64 = 2

    init(descriptor: CInt, at accepted: Duration) {
        self.descriptor = descriptor
        self.accepted = accepted
        word = Atomic(Self.nanoseconds(accepted) << Self.flagBits)
    }

    /// The head of a request is in; by the thread that serves the connection.
    func begin(headBytes count: Int, at now: Duration) {
        // One thread writes, so no addition in one step is needed.
        headBytes.store(headBytes.load(ordering: .relaxed) + count, ordering: .relaxed)
        let served = word.load(ordering: .relaxed) & Self.wasServed
        word.store(
            Self.nanoseconds(now) << Self.flagBits | served | Self.isAnswering,
            ordering: .relaxed
        )
    }

    /// The request is over, well or not; by the thread that serves the connection.
    func end(at now: Duration) {
        word.store(Self.nanoseconds(now) << Self.flagBits | Self.wasServed, ordering: .relaxed)
    }

    /// From any thread.
    var activity: Activity {
        let word = word.load(ordering: .relaxed)
        return Activity(
            since: .nanoseconds(word >> Self.flagBits),
            isAnswering: word & Self.isAnswering != 0,
            wasServed: word & Self.wasServed != 0
        )
    }

    /// Bytes of all heads so far, from any thread.
    ///
    /// What arrived beyond them belongs to a request that is not complete.
    var completeBytes: Int { headBytes.load(ordering: .relaxed) }

    private static func nanoseconds(_ time: Duration) -> Int64 {
        let (seconds, attoseconds) = time.components
        return seconds * 1_000_000_000 + attoseconds / 1_000_000_000
    }
}
