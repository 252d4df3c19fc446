import Synchronization
internal import Timing
internal import Trust

/// One open connection, as the thread that serves it records it: a few stores a request, no lock.
final class OpenConnection: Sendable {
    /// What a connection is doing.
    struct Activity: Equatable {
        /// If idle, when the last response was sent or the connection was accepted; if busy, when
        /// its last `rest` ended.
        var since: Instant
        /// Whether a request is complete and its response is not.
        var isAnswering: Bool
        /// Whether a response was sent on it before.
        var wasServed: Bool
    }

    /// Shorter idle times are ignored.
    ///
    /// A client that sends its next requests before it has read the response never rests, however
    /// many responses it gets.
    static let rest: Duration = .milliseconds(20)

    let descriptor: CInt
    let accepted: Instant
    /// Nanoseconds and two flags in one word, so that they are read together.
    private let word: Atomic<Int64>
    /// The nanoseconds at which the last rest ended; for the thread that serves the connection.
    private let restless: Atomic<Int64>
    private let headBytes = Atomic<Int>(0)
    /// The start of the library's buffer; for the thread that serves the connection.
    private let bufferStart = Atomic<UInt>(.max)
    /// The exchange for which the library has suspended the connection, or soon will.
    private let suspended = Mutex<Exchange?>(nil)
    /// For its handshake; nil without TLS.
    private let access: AccessControl?
    private let security = Mutex(Security())

    /// What TLS keeps for a connection.
    private struct Security {
        /// The certificate of the handshake, into which the session has pointers.
        var certificate: ListenerCertificate?
        /// The last verdict on the client's certificate, and until when it holds.
        var verdict: (value: CertificateVerdict, generation: Int, end: Instant)?
    }

    /// How long a verdict holds: the certificate or its authority may expire meanwhile.
    private static let verdictLifetime: Duration = .seconds(60)

    private static let isAnswering: Int64 = 1
    private static let wasServed: Int64 = 2
    private static let flagBits: Int64 = 2

    init(descriptor: CInt, at accepted: Instant, access: AccessControl? = nil) {
        self.descriptor = descriptor
        self.access = access
        self.accepted = accepted
        word = Atomic(accepted.nanoseconds << Self.flagBits)
        restless = Atomic(accepted.nanoseconds)
    }

    /// The head of a request is complete; for the thread that serves the connection.
    ///
    /// The library moves what it has received to the start of its buffer before each request, and
    /// skips empty lines there (RFC 9112, section 2.2), which the size of the head leaves out.
    func begin(_ head: Extent, at now: Instant) {
        // Only one thread writes, so the additions need not be atomic.
        let start = min(bufferStart.load(ordering: .relaxed), head.start)
        bufferStart.store(start, ordering: .relaxed)
        let count = Int(head.start - start) + head.count
        let complete =
            access == nil
            ? headBytes.load(ordering: .relaxed) + count
                // The socket counts encrypted bytes, so all that have arrived count as complete.
            : Connections.traffic(of: descriptor).received
        headBytes.store(complete, ordering: .relaxed)
        let last = activity
        if now - last.since >= Self.rest { restless.store(now.nanoseconds, ordering: .relaxed) }
        let since = restless.load(ordering: .relaxed)
        let served = last.wasServed ? Self.wasServed : 0
        word.store(since << Self.flagBits | served | Self.isAnswering, ordering: .relaxed)
    }

    /// A handshake asks for our certificate; for the thread that serves the connection.
    ///
    /// - Returns: The certificate, which this object keeps until the connection has ended.
    func beginHandshake(_ session: TLSSession) -> ListenerCertificate? {
        guard let (certificate, asksClient) = access?.handshake else { return nil }
        security.withLock { $0.certificate = certificate }
        if asksClient { session.requestCertificate() }
        return certificate
    }

    /// The verdict on the client's certificate, which `check` computes if there is none for this
    /// generation, or if it is too old.
    func verdict(
        of generation: Int,
        at now: Instant,
        check: () -> CertificateVerdict
    ) -> CertificateVerdict {
        security.withLock { security in
            if let last = security.verdict, last.generation == generation, now < last.end {
                return last.value
            }
            let value = check()
            security.verdict = (value, generation, now + Self.verdictLifetime)
            return value
        }
    }

    /// The request has ended, successfully or not; for the thread that serves the connection.
    func end(at now: Instant) {
        word.store(now.nanoseconds << Self.flagBits | Self.wasServed, ordering: .relaxed)
    }

    /// The library is about to suspend the connection; for the thread that serves it.
    func suspend(for exchange: Exchange) { suspended.withLock { $0 = exchange } }

    /// The exchange has its page.
    func resume() { suspended.withLock { $0 = nil } }

    /// Answers the request for which the connection is suspended, if any.
    ///
    /// From any thread that ends before the daemon is stopped.
    func answerSuspended(with page: Page) -> Bool {
        suspended.withLock(\.self)?.finish(page) ?? false
    }

    /// From any thread.
    var activity: Activity {
        let word = word.load(ordering: .relaxed)
        return Activity(
            since: Instant(nanoseconds: word >> Self.flagBits),
            isAnswering: word & Self.isAnswering != 0,
            wasServed: word & Self.wasServed != 0
        )
    }

    /// The bytes of all heads so far, and those skipped before them; from any thread.
    ///
    /// Further bytes belong to a request that is not complete.
    var completeBytes: Int { headBytes.load(ordering: .relaxed) }
}
