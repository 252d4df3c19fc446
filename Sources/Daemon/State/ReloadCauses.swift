import Synchronization

/// Why settings are reloaded.
package enum ReloadCause: String, CaseIterable, Sendable {
    /// The peers file changed.
    case peersFile = "peers_file"
    /// A file of certificates, keys or tokens changed.
    case trustFiles = "trust_files"
    /// SIGHUP, which reloads everything.
    case hangUp = "SIGHUP"
}

/// The pending reloads: a cause that arrives again before its reload starts is merged.
final class ReloadCauses: Sendable {
    private let waiting = Mutex<Set<ReloadCause>>([])
    private let arrivals: AsyncStream<Void>
    private let arrival: AsyncStream<Void>.Continuation

    init() {
        (arrivals, arrival) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
    }

    /// Adds one; from any thread.
    func add(_ cause: ReloadCause) {
        _ = waiting.withLock { $0.insert(cause) }
        arrival.yield()
    }

    /// Calls `body` for each pending cause, one at a time, until the task is cancelled.
    ///
    /// A SIGHUP includes the others.
    func each(_ body: (ReloadCause) async -> Void) async {
        for await _ in arrivals {
            let causes = waiting.withLock { waiting in
                let causes = waiting
                waiting = []
                return causes
            }
            if causes.contains(.hangUp) {
                await body(.hangUp)
            } else {
                for cause in ReloadCause.allCases where causes.contains(cause) { await body(cause) }
            }
        }
    }
}
