import Synchronization

/// Why the settings are to be read again.
package enum ReloadCause: String, Comparable, Sendable {
    /// The peers file is another than it was.
    case peersFile = "peers_file"
    /// SIGHUP: everything.
    case hangUp = "SIGHUP"

    package static func < (left: ReloadCause, right: ReloadCause) -> Bool {
        left == .peersFile && right == .hangUp
    }
}

/// The causes that wait for a reload: those that come while one is under way are one afterwards.
final class ReloadCauses: Sendable {
    private let waiting = Mutex<ReloadCause?>(nil)
    private let arrivals: AsyncStream<Void>
    private let arrival: AsyncStream<Void>.Continuation

    init() {
        (arrivals, arrival) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
    }

    /// Adds one; from any thread.
    func add(_ cause: ReloadCause) {
        waiting.withLock { $0 = max($0 ?? cause, cause) }
        arrival.yield()
    }

    /// Calls `body` for what waits, one after the other, until the task is cancelled.
    func each(_ body: (ReloadCause) async -> Void) async {
        for await _ in arrivals {
            if let cause = waiting.withLock({ $0.take() }) { await body(cause) }
        }
    }
}
