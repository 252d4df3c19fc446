import Exposition
import Synchronization

/// How many requests were answered, by path and status; from any thread.
final class RequestCounts: Sendable {
    private struct Key: Hashable {
        var status: Int
        /// nil for an unknown path, so that clients cannot create time series.
        var route: Route?

        var path: String { route?.rawValue ?? "other" }
    }

    private let counts = Mutex<[Key: Int]>([:])

    func count(path: String, status: Int) {
        let key = Key(status: status, route: Route(path: path))
        counts.withLock { $0[key, default: 0] += 1 }
    }

    /// The counts, sorted by status and path.
    var inOrder: [(labels: Labels, count: Int)] {
        counts.withLock { $0 }
            .sorted { ($0.key.status, $0.key.path) < ($1.key.status, $1.key.path) }
            .map { key, count in (["code": "\(key.status)", "path": key.path], count) }
    }
}
