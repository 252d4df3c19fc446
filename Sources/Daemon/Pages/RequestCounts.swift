import Exposition
import Synchronization

/// How many requests were answered, by known path and status.
final class RequestCounts: Sendable {
    private struct Key: Hashable {
        var path: String
        var status: Int
    }

    private let counts = Mutex<[Key: Int]>([:])

    /// Counts one answer, from any thread.
    ///
    /// A path that is not served counts as `other`, so that a client cannot make series.
    func count(path: String, status: Int) {
        let key = Key(path: Route(path: path)?.rawValue ?? "other", status: status)
        counts.withLock { $0[key, default: 0] += 1 }
    }

    /// The samples of `nova_federation_http_requests_total`.
    var samples: [MetricSample] {
        counts.withLock { counts in
            counts.map { key, count in
                MetricSample(
                    [Label("code", String(key.status)), Label("path", key.path)],
                    Double(count)
                )
            }
        }
    }
}
