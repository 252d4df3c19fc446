import JSON
import NodeClient
import Pages
import StateStore
import Timing

/// Queries a node once a second.
struct TopFeed: Sendable {
    /// The time from one request to the next.
    private static let pace = Duration.seconds(1)
    /// The shortest pause after a slow response.
    private static let pause = Duration.milliseconds(250)
    private static let eventCount = 10

    let client: NodeClient
    /// By the name of the peer.
    private var traces: [String: LatencyTrace] = [:]
    /// `uptime` on the latest page.
    private var uptime: Double?
    private var due = SystemClock.now

    init(_ client: NodeClient) { self.client = client }

    /// Waits until the next request is due, then queries the node.
    mutating func next(_ watched: WatchedPeer? = nil) async -> Result<TopSnapshot, NodeFailure> {
        due = max(due + Self.pace, SystemClock.now + Self.pause)
        // Ends early when cancelled, as does the request.
        try? await Task.sleep(for: due - SystemClock.now)
        do throws(NodeFailure) {
            return .success(try await snapshot(detail: watched?.name))
        } catch {
            return .failure(error)
        }
    }

    /// Queries the node now, including the events of the peer named `detail`.
    mutating func snapshot(detail: String? = nil) async throws(NodeFailure) -> TopSnapshot {
        let status = try await ShownStatus(of: client)
        var snapshot = TopSnapshot(at: SystemClock.wall, status, rows: rows(of: status.health))
        guard let detail else { return snapshot }
        var query = EventQuery(limit: Self.eventCount)
        query.peer = detail
        // Without events the rest is still shown.
        let path = "/federation/events?" + query.text
        if let page = try? await client.json(path, with: "events") {
            snapshot.events = (detail, page["events"].items.map(ShownEvent.init))
        }
        return snapshot
    }

    /// The peers of a page, with their pulls added to the traces.
    private mutating func rows(of health: JSONTree) -> [TopRow] {
        let uptime = health["uptime"].number
        let elapsed = max(0, (uptime ?? 0) - (self.uptime ?? uptime ?? 0))
        self.uptime = uptime
        let before = traces
        traces = [:]
        return health["peers"].items
            .map { tree in
                let peer = PeerRow(tree)
                var trace = before[peer.name] ?? LatencyTrace()
                trace.take(tree, elapsed: elapsed)
                traces[peer.name] = trace
                return TopRow(peer, trace: trace)
            }
    }
}
