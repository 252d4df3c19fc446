import Exposition
import Synchronization

/// How many requests were answered, by known path and status.
final class RequestCounts: Sendable {
    private struct Key: Hashable {
        var status: Int
        /// Nil for a path that is not served, so that a client cannot make series.
        var route: Route?

        var path: String { route?.rawValue ?? "other" }
    }

    private let counts = Mutex<[Key: Int]>([:])

    /// Counts one answer, from any thread.
    func count(path: String, status: Int) {
        let key = Key(status: status, route: Route(path: path))
        counts.withLock { $0[key, default: 0] += 1 }
    }

    /// The counts and their labels, in the order of the labels.
    var inOrder: [(labels: Labels, count: Int)] {
        counts.withLock { $0 }
            .sorted { ($0.key.status, $0.key.path) < ($1.key.status, $1.key.path) }
            .map { key, count in (["code": "\(key.status)", "path": key.path], count) }
    }
}
