import Synchronization
package import Trust

/// The connection counters of a listener, for metrics; from any thread.
package final class ListenerCounts: Sendable {
    private let open = Atomic(0)
    private let limit = Atomic(0)
    private let pauses = Atomic(0)
    private let closings = Mutex<[ClosingCause: Int]>([:])
    private let refusals = Mutex<[Refusal.Cause: Int]>([:])

    package init() {}

    package internal(set) var openConnections: Int {
        get { open.load(ordering: .relaxed) }
        set { open.store(newValue, ordering: .relaxed) }
    }

    package internal(set) var connectionLimit: Int {
        get { limit.load(ordering: .relaxed) }
        set { limit.store(newValue, ordering: .relaxed) }
    }

    /// How often accepting paused because file descriptors ran out.
    package var acceptPauses: Int { pauses.load(ordering: .relaxed) }

    /// The number of connections that the server closed for a cause.
    package func closed(for cause: ClosingCause) -> Int {
        closings.withLock { $0[cause, default: 0] }
    }

    /// The number of requests that were refused for a cause.
    package func refused(for cause: Refusal.Cause) -> Int {
        refusals.withLock { $0[cause, default: 0] }
    }

    func note(_ cause: Refusal.Cause) { refusals.withLock { $0[cause, default: 0] += 1 } }

    func notePause() { pauses.add(1, ordering: .relaxed) }

    func note(_ cause: ClosingCause) { closings.withLock { $0[cause, default: 0] += 1 } }
}

/// Why the server closed a connection; the idle timeout, which the library applies, has no case.
package enum ClosingCause: String, CaseIterable, Sendable {
    /// Its request was not complete 10 s after the first byte.
    case incomplete
    /// No byte arrived on it in its first 30 s.
    case unused
    /// Its client read nothing of a response for 10 s.
    case stalled
    /// Connections or file descriptors ran short, and it had been idle or busy the longest.
    case evicted
    /// Its address already had the maximum number of connections.
    case addressLimit = "address_limit"
    /// Its first byte was not that of a TLS handshake, but the listener uses TLS.
    case notTLS = "not_tls"
    /// Its first byte was that of a TLS handshake, but the listener uses plain HTTP.
    case notHTTP = "not_http"
}

/// The start or the end of a shortage, each reported once, or a refused request.
package enum ListenerEvent: Equatable, Sendable {
    /// Only the reserve of connections is free; connections are closed, idle ones first.
    case connectionsShort(limit: Int)
    /// For a minute none had to be closed; `closed` is the number closed before that.
    case connectionsEnough(closed: Int)
    /// File descriptors run out; idle connections are closed, and accepting pauses.
    case descriptorsShort(limit: Int)
    /// For a minute there were enough.
    case descriptorsEnough
    /// A request was refused; `omitted` others before it were not reported. `path` is the client's.
    case refused(Refusal, path: String, client: String, omitted: Int)
    /// A client sent a token over plain TCP; reported once.
    case tokenWithoutTLS
}
