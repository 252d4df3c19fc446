import Synchronization

/// What a listener counts, for metrics; from any thread.
package final class ListenerCounts: Sendable {
    private let open = Atomic(0)
    private let limit = Atomic(0)
    private let pauses = Atomic(0)
    private let closings = Mutex<[ClosingCause: Int]>([:])

    package init() {}

    /// Connections that are open.
    package internal(set) var openConnections: Int {
        get { open.load(ordering: .relaxed) }
        set { open.store(newValue, ordering: .relaxed) }
    }

    /// How many may be.
    package internal(set) var connectionLimit: Int {
        get { limit.load(ordering: .relaxed) }
        set { limit.store(newValue, ordering: .relaxed) }
    }

    /// How often accepting paused because file descriptors ran out.
    package var acceptPauses: Int { pauses.load(ordering: .relaxed) }

    /// Connections that were closed for a cause.
    package func closed(for cause: ClosingCause) -> Int {
        closings.withLock { $0[cause, default: 0] }
    }

    func notePause() { pauses.add(1, ordering: .relaxed) }

    func note(_ cause: ClosingCause) {
        closings.withLock { $0[cause, default: 0] += 1 }
    }
}

/// Why a server closed a connection of its own accord; the idle timeout is not among them.
package enum ClosingCause: String, CaseIterable, Sendable {
    /// Its request was not complete 10 s after the first byte.
    case incomplete
    /// No byte came on it in its first 30 s.
    case unused
    /// Its client took nothing of a response for 10 s.
    case stalled
    /// Connections or file descriptors ran short, and it had been idle or busy the longest.
    case evicted
    /// Its address had as many connections as one may have.
    case addressLimit = "address_limit"
}

/// What an operator should know of a listener: each once when it begins, and once when it is over.
package enum ListenerEvent: Equatable, Sendable {
    /// All connections but the reserve are taken; those that are idle the longest are closed.
    case connectionsShort(limit: Int)
    /// For a minute none had to be closed; so many had been.
    case connectionsEnough(closed: Int)
    /// File descriptors run out; idle connections are closed, and accepting pauses.
    case descriptorsShort(limit: Int)
    /// For a minute there were enough.
    case descriptorsEnough
}
