internal import CurlClient
internal import Glibc
internal import Host
internal import JSON
internal import Pages
internal import Timing

/// Shows what the nodes report over HTTP.
struct DemoScreen: Sendable {
    let nodes: [DemoNode]

    /// Shows the table until cancelled, every second on a terminal and otherwise every two.
    func show() async -> DemoFault? {
        let isTerminal = isatty(StandardStream.output.rawValue) == 1
        let limits = FetchLimits(
            bodyBytes: 1 << 20,
            headerBytes: 32 * 1024,
            keptConnections: nodes.count * 2,
            idleTime: .seconds(60),
            caFile: nil,
            userAgent: "nova-federation-demo",
            accept: "application/json"
        )
        let client: CurlClient
        do throws(SystemError) {
            client = try CurlClient(limits: limits)
        } catch {
            return .noClient(error)
        }
        while !Task.isCancelled {
            try? await Task.sleep(for: .seconds(isTerminal ? 1 : 2))  // ends early when cancelled
            let documents = await documents(from: client)
            guard !Task.isCancelled else { break }
            let clear = isTerminal ? "\u{1B}[H\u{1B}[2J" : ""
            do throws(StreamFault) {
                try StandardStream.output.write(clear + text(of: documents) + "\n\n")
            } catch {
                return .outputFailed(error)
            }
        }
        return nil
    }

    /// The health and the wisdom page of each node; an empty document for a failed request.
    private func documents(from client: CurlClient) async -> [Document] {
        var requests: [FetchRequest] = []
        for node in nodes {
            for path in ["/federation/health", "/federation/wisdom"] {
                requests.append(
                    FetchRequest(
                        key: requests.count,
                        url: node.url + path,
                        name: nil,
                        port: node.port,
                        timeout: .milliseconds(500)
                    )
                )
            }
        }
        await client.start(requests)
        var documents = [Document](repeating: Document(), count: requests.count)
        var pending = requests.count
        while pending > 0, !Task.isCancelled {
            let results = await client.collect(until: SystemClock.now + .seconds(1))
            pending -= results.count
            for result in results {
                guard case .document(let body, _) = result.outcome else { continue }
                documents[result.key].read(body)
            }
        }
        return documents
    }

    private func text(of documents: [Document]) -> String {
        var table = TextTable(
            header: ["node", "port", "source", "G*", "live", "N", "Cc"]
                + nodes.map { "sees \($0.name)" }
        )
        for (index, node) in nodes.enumerated() {
            // Until a node has started, its row is empty.
            let (health, wisdom) = (documents[index * 2], documents[index * 2 + 1])
            let peers = nodes.indices.map { "/peers/\($0)" }
            let seen = nodes.map { other -> String? in
                guard let peer = peers.first(where: { health.texts[$0 + "/id"] == other.name }),
                    let state = health.texts[peer + "/state"]
                else { return nil }
                return "\(state) \(health.rounded(peer + "/quality"))"
            }
            let live = health.numbers["/peer_sync/peer_count"].flatMap { Int(exactly: $0) }
            table.add(
                [
                    node.name, "\(node.port)", health.texts["/source/kind"],
                    wisdom.rounded("/g_star"), live.map(String.init), health.rounded("/novelty"),
                    wisdom.rounded("/components/consistency"),
                ] + seen
            )
        }
        return table.text
    }
}

/// The strings and numbers of a JSON document by JSON Pointer, such as `/peers/0/id`: RFC 6901.
private struct Document {
    var texts: [String: String] = [:]
    var numbers: [String: Double] = [:]

    /// Reads a body up to its first fault; another program may have taken the port of a node.
    mutating func read(_ body: [UInt8]) {
        var walk = JSONWalk(body)
        try? readValue(at: "", of: &walk)
    }

    private mutating func readValue(at path: String, of walk: inout JSONWalk) throws(JSONFault) {
        var count = 0
        switch try walk.kind() {
        case .string: texts[path] = try walk.string()
        case .number: numbers[path] = try walk.number()
        case .boolean, .null: try walk.skip()
        case .object:
            try walk.enter()
            while let key = try walk.nextKey(isFirst: count == 0) {
                count += 1
                try readValue(at: "\(path)/\(key)", of: &walk)
            }
        case .array:
            try walk.enter()
            while try walk.nextItem(isFirst: count == 0) {
                try readValue(at: "\(path)/\(count)", of: &walk)
                count += 1
            }
        }
    }

    /// A number with three decimals; a dash if it is missing, negative or too large.
    func rounded(_ path: String) -> String {
        guard let number = numbers[path], let count = Int(exactly: (number * 1000).rounded()),
            count >= 0
        else { return "-" }
        return "\(count / 1000).\(String(1000 + count % 1000).dropFirst())"
    }
}
