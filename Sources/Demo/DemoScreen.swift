internal import CurlClient
internal import Federation
internal import FoundationEssentials
internal import Glibc
internal import Host
internal import Pages
internal import Timing

/// Shows what the nodes of the demo say, asked over HTTP like anybody would.
struct DemoScreen: Sendable {
    /// What the table needs of `/federation/health`.
    private struct Health: Decodable {
        struct Peer: Decodable {
            var id: String
            var state: String
            var quality: Double
        }

        struct PeerSync: Decodable {
            var peerCount: Int
        }

        struct Source: Decodable {
            var kind: String
        }

        var novelty: Double
        var source: Source
        var peerSync: PeerSync
        var peers: [Peer]
    }

    /// What the table needs of `/federation/wisdom`.
    private struct Wisdom: Decodable {
        struct Components: Decodable {
            var consistency: Double
        }

        var gStar: Double?
        var components: Components?
    }

    let nodes: [DemoNode]

    /// Shows the table until the task is cancelled: every second on a terminal, every two into a
    /// file or pipe.
    func show() async -> DemoEnd {
        let isTerminal = isatty(1) == 1
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
        return .asked
    }

    /// Both pages of each node, by the number of the page; what did not come is missing.
    private func documents(from client: CurlClient) async -> [Int: [UInt8]] {
        var starting: [FetchRequest] = []
        for (index, node) in nodes.enumerated() {
            for (page, path) in ["/federation/health", "/federation/wisdom"].enumerated() {
                starting.append(
                    FetchRequest(
                        key: index * 2 + page,
                        url: node.url + path,
                        name: nil,
                        port: node.port,
                        timeout: .milliseconds(500)
                    )
                )
            }
        }
        await client.start(starting)
        var missing = starting.count
        var documents: [Int: [UInt8]] = [:]
        while missing > 0, !Task.isCancelled {
            let until = SystemClock.now + .seconds(1)
            let got = await client.collect(until: until)
            missing -= got.count
            for answer in got {
                if case .document(let body, _) = answer.outcome { documents[answer.key] = body }
            }
        }
        return documents
    }

    private func text(of documents: [Int: [UInt8]]) -> String {
        var table = TextTable(
            header: ["node", "port", "source", "G*", "live", "N", "Cc"]
                + nodes.map { "sees \($0.name)" }
        )
        for (index, node) in nodes.enumerated() {
            // A node that is not up yet has an empty row.
            let health = documents[index * 2].flatMap { decode(Health.self, from: $0) }
            let wisdom = documents[index * 2 + 1].flatMap { decode(Wisdom.self, from: $0) }
            let seen = nodes.map { other in
                health?.peers.first { $0.id == other.name }
                    .map { peer in
                        "\(peer.state) \(Self.rounded(peer.quality))"
                    }
            }
            table.add(
                [
                    node.name, "\(node.port)", health?.source.kind,
                    wisdom?.gStar.map(Self.rounded),
                    (health?.peerSync.peerCount).map(String.init),
                    (health?.novelty).map(Self.rounded),
                    wisdom?.components.map { Self.rounded($0.consistency) },
                ] + seen
            )
        }
        return table.text
    }

    private func decode<Page: Decodable>(_ type: Page.Type, from body: [UInt8]) -> Page? {
        let decoder = JSONDecoder()
        decoder.keyDecodingStrategy = .convertFromSnakeCase
        return try? decoder.decode(type, from: Data(body))  // else the row stays empty
    }

    /// Three decimals.
    private static func rounded(_ value: Double) -> String {
        // Another program may have taken the port of a node, and say anything.
        guard let whole = Int(exactly: (value * 1000).rounded()) else { return "-" }
        let thousandths = String(whole)
        let padded = String(repeating: "0", count: max(0, 4 - thousandths.count)) + thousandths
        return "\(padded.dropLast(3)).\(padded.suffix(3))"
    }
}
