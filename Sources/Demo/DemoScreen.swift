internal import ClientTLS
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
            tls: TLSOptions(),
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

    /// The health and the wisdom page of each node; null for a failed request.
    private func documents(from client: CurlClient) async -> [JSONTree] {
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
        var documents = [JSONTree](repeating: .null, count: requests.count)
        var pending = requests.count
        while pending > 0, !Task.isCancelled {
            let results = await client.collect(until: SystemClock.now + .seconds(1))
            pending -= results.count
            for result in results {
                guard case .document(let body, _) = result.outcome else { continue }
                // Another program may have taken the port of a node.
                documents[result.key] = (try? JSONTree(body)) ?? .null
            }
        }
        return documents
    }

    private func text(of documents: [JSONTree]) -> String {
        var table = TextTable(
            header: ["node", "port", "source", "G*", "live", "N", "Cc"]
                + nodes.map { "sees \($0.name)" }
        )
        for (index, node) in nodes.enumerated() {
            // Until a node has started, its row is empty.
            let (health, wisdom) = (documents[index * 2], documents[index * 2 + 1])
            let peers = health["peers"].items
            let seen = nodes.map { other -> String? in
                guard let peer = peers.first(where: { $0["id"].string == other.name }),
                    let state = peer["state"].string
                else { return nil }
                return "\(state) \(Self.rounded(peer["quality"]) ?? "-")"
            }
            table.add(
                [
                    node.name, "\(node.port)", health["source"]["kind"].string,
                    Self.rounded(wisdom["g_star"]),
                    health["peer_sync"]["peer_count"].integer.map(String.init),
                    Self.rounded(health["novelty"]),
                    Self.rounded(wisdom["components"]["consistency"]),
                ] + seen
            )
        }
        return table.text
    }

    /// A number with three decimals.
    private static func rounded(_ value: JSONTree) -> String? { value.number?.fixed(3) }
}
