internal import CurlClient
internal import Federation
internal import JSON
internal import Timing

extension NodeClient {
    /// The largest page of a survey, in bytes; a page of 20,000 peers is smaller.
    ///
    /// With `surveyedAtOnce` pages in flight, at most 1 GiB arrives at a time.
    package static let largestSurveyedPage = 16 << 20
    /// How many nodes are queried at a time; the others wait.
    static let surveyedAtOnce = 64
    private static let path = "/federation/health"

    /// Queries the node, then all nodes that it lists, at the same time.
    ///
    /// Each request takes at most `timeout`, so a survey of up to `surveyedAtOnce` nodes takes at
    /// most twice as long. From one task at a time.
    ///
    /// - Throws: If the first node has no view; a failure of another node is a part of the survey.
    package func survey() async throws(NodeFailure) -> Survey {
        let clock = WallAnchor()
        let sent = SystemClock.now
        let health = try await health()
        let received = SystemClock.now
        guard let view = NodeView(health, sent: clock[sent], received: clock[received]) else {
            throw .notANode(url: url, detail: "\(Self.path) has no node_id")
        }
        var urls: Set<String> = [url]
        let others = view.sightings
            .filter { $0.state != .itself }
            .filter { urls.insert($0.url).inserted }
            .map(\.url)
        let first = SurveyedNode(url: url, result: .success(view))
        let nodes = await query(others, clock, kept: view)
        return Survey([first] + nodes, at: clock[received])
    }

    /// The views of nodes, in the order of their URLs.
    private func query(
        _ urls: [String],
        _ clock: WallAnchor,
        kept first: NodeView
    ) async -> [SurveyedNode] {
        let unasked = QueryFailure(.unreachable, text: "its URL is invalid")
        var nodes = urls.map { SurveyedNode(url: $0, result: .failure(unasked)) }
        var requests = nodes.indices.compactMap { request(for: urls[$0], $0) }[...]
        var sent: [Int: Instant] = [:]
        var room = Survey.maximumSightings - first.sightings.count
        while !requests.isEmpty || !sent.isEmpty {
            let batch = requests.prefix(Self.surveyedAtOnce - sent.count)
            requests.removeFirst(batch.count)
            for request in batch { sent[request.key - 1] = SystemClock.now }
            await client.start(Array(batch))
            for result in await client.collect(until: SystemClock.now + Self.timeout) {
                let index = result.key - 1
                guard let start = sent.removeValue(forKey: index) else { continue }
                nodes[index].result = Self.view(
                    result.outcome,
                    url: urls[index],
                    sent: clock[start],
                    received: clock[result.ended],
                    room: &room
                )
            }
        }
        return nodes
    }

    /// The request to a node; nil for a URL that is not a peer's.
    ///
    /// Key 0 is the first node's.
    private func request(for url: String, _ index: Int) -> FetchRequest? {
        guard let node = try? Peer(parsing: url) else { return nil }
        return FetchRequest(
            key: index + 1,
            url: node.url + Self.path,
            name: node.hostName,
            port: node.port,
            timeout: Self.timeout
        )
    }

    /// Reads a response; `room` is the number of entries of lists that are still kept.
    private static func view(
        _ outcome: FetchResult.Outcome,
        url: String,
        sent: Double,
        received: Double,
        room: inout Int
    ) -> Result<NodeView, QueryFailure> {
        switch outcome {
        case .failed(let failure): return .failure(QueryFailure(failure, url: url, path: path))
        case .document(let body, _):
            guard let health = try? JSONTree(body),
                var view = NodeView(health, sent: sent, received: received)
            else {
                let fault = NodeFailure.notANode(url: url, detail: "\(path) has no node_id")
                return .failure(QueryFailure(.otherProgram, text: "\(fault)"))
            }
            if view.sightings.count > room {
                view.sightings = []
                view.isListOmitted = true
            }
            room -= view.sightings.count
            return .success(view)
        }
    }
}

/// Converts moments of the monotonic clock to Unix time, by the wall clock when it was created.
private struct WallAnchor {
    private let now = SystemClock.now
    private let wall = SystemClock.wall

    subscript(moment: Instant) -> Double { wall + moment.seconds(since: now) }
}

extension QueryFailure {
    fileprivate init(_ failure: FetchFailure, url: String, path: String) {
        let cause: Cause =
            switch failure.cause {
            case .status where failure.status == 404: .otherProgram
            case .status: .status(failure.status ?? 0)
            case .redirected: .otherProgram
            case .nameNotFound, .connectFailed, .internal: .unreachable
            // Without a connection, nothing shows that the network works.
            case .timedOut where [.dns, .connect].contains(failure.phase): .unreachable
            default: .noResponse
            }
        self.init(cause, text: "\(NodeFailure(failure, url: url, path: path))")
    }
}
