import Foundation
import TestSupport
import Testing

/// A real node that gets more requests than it can compute.
@Suite struct BusyTests {
    private static let readyPaths = ["/health", "/ready", "/federation/sync/summary"]

    /// The responses as status, error and Retry-After, and the moment of the last one.
    private static func answers(
        to connections: [KeepAliveConnection]
    ) async throws -> (answers: [String], last: ContinuousClock.Instant) {
        let answers = try await withThrowingTaskGroup(of: String.self) { group in
            for connection in connections {
                group.addTask {
                    try await onNewThread {
                        guard let answer = connection.receive(within: .seconds(60)) else {
                            return "nothing"
                        }
                        guard answer.status != 200 else { return "200" }
                        let retry = answer.header("retry-after") ?? "-"
                        let error = answer.text.split(separator: "\"").dropFirst(3).first ?? ""
                        return "\(answer.status) \(error) \(retry)"
                    }
                }
            }
            var answers: [String] = []
            for try await answer in group { answers.append(answer) }
            return answers
        }
        return (answers, .now)
    }

    @Test func `a full queue of computed pages is a 503, and ready pages are still served`()
        async throws
    {
        let directory = try TemporaryDirectory()
        let peers = (0..<4000).map { "http://127.9.\($0 >> 8).\($0 & 255):9" }
        let file = try directory.write(peers.joined(separator: "\n"), to: "peers.txt")
        let environment = [
            "NOVA_FED_PEERS_FILE": file, "NOVA_FED_SYNC_ENABLED": "1",
            "NOVA_FED_SYNC_INTERVAL": "3600", "NOVA_FED_LOG_LEVEL": "critical",
        ]
        try await withNode(environment) { node in
            let connections = try (0..<150).map { _ in try KeepAliveConnection(port: node.port) }
            defer { for connection in connections { connection.close() } }
            // Each for another host, because requests for the same page share it.
            for (index, connection) in connections.enumerated() {
                #expect(connection.send("http://h\(index)/federation/sd"))
            }
            let sent = ContinuousClock.now
            async let answers = Self.answers(to: connections)
            var slowest = Duration.zero
            for round in 0..<60 {
                let start = ContinuousClock.now
                let path = Self.readyPaths[round % Self.readyPaths.count]
                #expect(try await node.probe.get(path).status == 200, "\(path)")
                slowest = max(slowest, .now - start)
            }
            let (outcomes, last) = try await answers
            let counts = Dictionary(grouping: outcomes, by: \.self).mapValues(\.count)
            // 64 can wait or be computed; a few are done before the last request.
            #expect(counts["200", default: 0] >= 1, "\(counts)")
            #expect(counts["503 busy 1", default: 0] >= 20, "\(counts)")
            #expect(
                Set(counts.keys).isSubset(of: ["200", "503 busy 1", "503 late -"]),
                "\(counts)"
            )
            // The deadline of a page is 10 s; the rest allows for a busy machine.
            #expect(last - sent < .seconds(13), "\(last - sent)")
            // A ready page waits for no other page, only for a core that computes pages.
            #expect(slowest < .seconds(5))
            #expect(try await node.probe.get("/federation/wisdom").status == 200)
        }
    }

    @Test func `under load every request is answered with 200`() async throws {
        let peer = try ScriptedPeer(.summary(nodeID: "peer"))
        try await withNode(peers: [peer.url]) { node in
            let paths =
                Self.readyPaths + ["/federation/health", "/metrics", "/federation/wisdom"]
            let deadline = ContinuousClock.now + .seconds(3)
            let counts = try await withThrowingTaskGroup(of: [Int].self) { group in
                for client in 0..<12 {
                    group.addTask {
                        try await onNewThread {
                            let connection = try KeepAliveConnection(port: node.port)
                            defer { connection.close() }
                            var (good, bad) = (0, 0)
                            while ContinuousClock.now < deadline {
                                let answer = connection.get(paths[(client + good) % paths.count])
                                if answer?.status == 200 { good += 1 } else { bad += 1 }
                                guard answer != nil else { break }
                            }
                            return [good, bad]
                        }
                    }
                }
                var sums = [0, 0]
                for try await count in group { sums = zip(sums, count).map(+) }
                return sums
            }
            #expect(counts[0] > 500 && counts[1] == 0, "good, bad: \(counts)")
            // Pulling continued under load.
            let text = try await node.page("/metrics")
            #expect(ServedNode.series("nova_federation_missed_pulls_total", in: text)[""] == 0)
        }
    }

    @Test func `above the limit the longest-idle connections are closed and new ones are served`()
        async throws
    {
        try await withNode(["NOVA_FED_MAX_CONNECTIONS": "16"]) { node in
            var held: [KeepAliveConnection] = []
            defer { for connection in held { connection.close() } }
            for _ in 0..<40 {
                let connection = try KeepAliveConnection(port: node.port)
                #expect(connection.get("/health")?.status == 200)
                held.append(connection)
                // The times at which connections began to idle must differ.
                try await Task.sleep(for: .milliseconds(12))
            }
            // One place is kept free.
            let open = held.map { $0.get("/health")?.status == 200 }
            #expect(open.firstIndex(of: true) == 25 && open.count(where: \.self) == 15)
            let warnings = await node.logLines("connection limit reached", count: 1)
            #expect(warnings.count == 1)
            let text = try await node.page("/metrics")
            let closed = "nova_federation_http_connections_closed_total"
            #expect(ServedNode.series(closed, in: text)[#"{cause="evicted"}"#] ?? 0 >= 25)
            let limit = "nova_federation_http_connections_limit"
            #expect(ServedNode.series(limit, in: text)[""] == 16)
        }
    }

    @Test func `connections above the limit of their address are closed`() async throws {
        try await withNode(["NOVA_FED_MAX_CONNECTIONS_PER_ADDRESS": "3"]) { node in
            var three: [KeepAliveConnection] = []
            defer { for connection in three { connection.close() } }
            // The connection of the probe may still count for a moment.
            try await eventually("three connections of one address are served") {
                for connection in three { connection.close() }
                three = try (0..<3).map { _ in try KeepAliveConnection(port: node.port) }
                return three.allSatisfy {
                    $0.send("/health") && $0.receive(within: .seconds(5))?.status == 200
                }
            }
            let fourth = try KeepAliveConnection(port: node.port)
            _ = fourth.send("/health")
            #expect(fourth.receive(within: .seconds(5)) == nil)
            let ask = """
                import http.client, sys
                source = ("127.0.0.2", 0)
                client = http.client.HTTPConnection(
                    "127.0.0.1", int(sys.argv[1]), source_address=source, timeout=10)
                client.request("GET", "/health")
                print(client.getresponse().status)
                """
            let other = try await run(
                try tool(named: "python3", package: "python3"),
                ["-c", ask, "\(node.port)"]
            )
            #expect(other.output == "200\n", "\(other.log)")
        }
    }
}
