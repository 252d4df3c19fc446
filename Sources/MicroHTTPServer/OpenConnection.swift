import Synchronization

/// One open connection, as the threads that serve it keep it: a few stores a request, no lock.
///
/// The time is that of `Moment.now()`: since the machine started, a few milliseconds coarse.
final class OpenConnection: Sendable {
    /// What a connection was doing when it was asked.
    struct Activity: Equatable {
        /// Since when: an idle one since its last response was sent, or since it was accepted; one
        /// that is answered since it last rested.
        var since: Duration
        /// Whether a request is complete and its response not sent to the end.
        var isAnswering: Bool
        /// Whether a response was sent on it before.
        var wasServed: Bool
    }

    /// An idle time that is shorter is none.
    ///
    /// A client that sends its next request before it has read the response is answered without a
    /// rest, however often it has another response sent.
    static let rest: Duration = .milliseconds(20)

    let descriptor: CInt
    let accepted: Duration
    /// Nanoseconds and two flags in one word, so that they are read together.
    private let word: Atomic<Int64>
    /// Since when it has not rested, in nanoseconds; for the thread that serves the connection.
    private let restless: Atomic<Int64>
    private let headBytes = Atomic<Int>(0)
    /// Where the library's buffer begins; for the thread that serves the connection.
    private let bufferStart = Atomic<UInt>(.max)
    /// The exchange for which the library has suspended the connection, or will soon.
    private let suspended = Mutex<Exchange?>(nil)

    private static let isAnswering: Int64 = 1
    private static let wasServed: Int64 = 2
    private static let flagBits: Int64 = 2

    init(descriptor: CInt, at accepted: Duration) {
        self.descriptor = descriptor
        self.accepted = accepted
        let nanoseconds = Self.nanoseconds(accepted)
        word = Atomic(nanoseconds << Self.flagBits)
        restless = Atomic(nanoseconds)
    }

    /// The head of a request is in; by the thread that serves the connection.
    ///
    /// The library moves what it has received to the start of its buffer before each request, and
    /// skips empty lines there (RFC 9112, section 2.2), which the size of the head leaves out.
    func begin(_ head: Extent, at now: Duration) {
        // One thread writes, so no addition in one step is needed.
        let start = min(bufferStart.load(ordering: .relaxed), head.start)
        bufferStart.store(start, ordering: .relaxed)
        let count = Int(head.start - start) + head.count
        headBytes.store(headBytes.load(ordering: .relaxed) + count, ordering: .relaxed)
        let last = activity
        if now - last.since >= Self.rest {
            restless.store(Self.nanoseconds(now), ordering: .relaxed)
        }
        let since = restless.load(ordering: .relaxed)
        let served = last.wasServed ? Self.wasServed : 0
        word.store(since << Self.flagBits | served | Self.isAnswering, ordering: .relaxed)
    }

    /// The request is over, well or not; by the thread that serves the connection.
    func end(at now: Duration) {
        word.store(Self.nanoseconds(now) << Self.flagBits | Self.wasServed, ordering: .relaxed)
    }

    /// The library is about to suspend the connection; by the thread that serves it.
    func suspend(for exchange: Exchange) { suspended.withLock { $0 = exchange } }

    /// The exchange has its page.
    func resume() { suspended.withLock { $0 = nil } }

    /// Answers the request for which the connection is suspended, if it is; from any thread that
    /// ends before the daemon is stopped.
    func answerSuspended(with page: Page) -> Bool {
        suspended.withLock(\.self)?.finish(page) ?? false
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

    /// Bytes of all heads so far and of what was skipped before them, from any thread.
    ///
    /// What arrived beyond them belongs to a request that is not complete.
    var completeBytes: Int { headBytes.load(ordering: .relaxed) }

    private static func nanoseconds(_ time: Duration) -> Int64 {
        let (seconds, attoseconds) = time.components
        return seconds * 1_000_000_000 + attoseconds / 1_000_000_000
    }
}
