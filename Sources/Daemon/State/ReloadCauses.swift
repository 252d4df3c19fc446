import Synchronization

/// Why settings are reloaded.
package enum ReloadCause: String, Comparable, Sendable {
    /// The peers file changed.
    case peersFile = "peers_file"
    /// SIGHUP, which reloads everything.
    case hangUp = "SIGHUP"

    package static func < (left: ReloadCause, right: ReloadCause) -> Bool {
        left == .peersFile && right == .hangUp
    }
}

/// The pending reload: causes that arrive during a reload are merged into one.
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

    /// Calls `body` for each pending cause, one at a time, until the task is cancelled.
    func each(_ body: (ReloadCause) async -> Void) async {
        for await _ in arrivals {
            if let cause = waiting.withLock({ $0.take() }) { await body(cause) }
        }
    }
}
