import Glibc
import MicroHTTPServer
import Testing

/// Clients that hold all connections, and the request of one more.
@Suite(.timeLimit(.minutes(2)))
struct CrowdTests {
    private static func get(_ path: String) -> String { "GET \(path) HTTP/1.1\r\nHost: a\r\n\r\n" }

    /// Asks on a connection of its own; how long the response took.
    private static func ask(_ server: MicroHTTPServer) async throws -> Duration {
        let start = ContinuousClock.now
        let client = try Client(port: server.port)
        try await client.send(get("/ready"))
        #expect(try await client.reply().body == "ready")
        return .now - start
    }

    /// A ready page, and others as the test wants them.
    private static func routes(_ other: @escaping @Sendable () -> Answer) -> Routes {
        let ready = Page(text("ready"))
        return Routes { $0.path == "/ready" ? .page(ready) : other() }
    }

    @Test(arguments: [16, 64, 113])
    func `connections that fill the table before one is served give way once they idle`(
        limit: Int
    ) async throws {
        let gate = Gate()
        let routes = Self.routes {
            rendered(isSmall: true) {
                gate.pass()
                return text("slow")
            }
        }
        let counts = ListenerCounts()
        let configuration = Configuration.loopback().with(\.maxConnections, limit)
        try await withServer(routes, configuration: configuration, counts: counts) { server in
            defer { gate.open() }
            // They keep both serving threads: the library chooses one by the descriptor's number.
            var slow: [Client] = []
            var between: [CInt] = []
            defer { for descriptor in between { close(descriptor) } }
            while gate.arrivals < 2, slow.count < 8 {
                slow.append(try Client(port: server.port))
                try await slow.last?.send(Self.get("/slow"))
                // Accepted before this takes a number, so that the next has another parity.
                let opened = slow.count
                try #require(await eventually { counts.openConnections == opened })
                between.append(dup(0))
                try await Task.sleep(for: .milliseconds(50))
            }
            try #require(gate.arrivals == 2)
            // One whose request comes late may be evicted before it is handed over.
            var crowd: [Client] = []
            while counts.openConnections < limit, crowd.count < 4 * limit {
                crowd.append(try Client(port: server.port))
                try await crowd.last?.send(Self.get("/ready"))
                try await Task.sleep(for: .milliseconds(1))
            }
            #expect(counts.openConnections == limit)
            gate.open()
            #expect(try await Self.ask(server) < .seconds(1))
            withExtendedLifetime(crowd) {}
        }
    }

    @Test(arguments: [16, 64, 113])
    func `clients that send requests and take no response do not delay another`(
        limit: Int
    ) async throws {
        // All responses together are more than the buffers of both ends hold.
        let large = Page(text(String(repeating: "a", count: 1 << 20)))
        let counts = ListenerCounts()
        let configuration = Configuration.loopback().with(\.maxConnections, limit)
        try await withServer(
            Self.routes { .page(large) },
            configuration: configuration,
            counts: counts
        ) { server in
            var crowd: [Client] = []
            let requests = String(repeating: Self.get("/large"), count: 50)
            for _ in 0..<limit + 30 {
                crowd.append(try Client(port: server.port, receiveBuffer: 4_096))
                try await crowd.last?.send(requests)
            }
            for _ in 0..<10 { #expect(try await Self.ask(server) < .seconds(1)) }
            #expect(counts.closed(for: .evicted) >= 30)
        }
    }

    @Test
    func `clients that wait for one page do not delay another, and are refused if evicted`()
        async throws
    {
        let gate = Gate()
        let routes = Self.routes {
            rendered(isSmall: false, key: "large") {
                gate.pass()
                return text("large")
            }
        }
        let configuration = Configuration.loopback().with(\.maxConnections, 16)
        try await withServer(routes, configuration: configuration) { server in
            defer { gate.open() }
            var crowd: [Client] = []
            for _ in 0..<40 {
                crowd.append(try Client(port: server.port))
                try await crowd.last?.send(Self.get("/large"))
            }
            #expect(try await Self.ask(server) < .seconds(1))
            gate.open()
            var pages = 0
            var refusals = 0
            for client in crowd {
                do {
                    let reply = try await client.reply()
                    if reply.status == 200 { pages += 1 } else { refusals += 1 }
                    guard reply.status != 200 else { continue }
                    #expect(reply.status == 503 && reply.closes)
                    #expect(reply.body.contains(#""busy""#))
                    #expect(try await client.remainder().isEmpty)
                } catch ClientError.ended {
                    // Evicted before it waited.
                }
            }
            #expect((8...16).contains(pages) && refusals > 0, "\(pages), \(refusals)")
        }
    }
}
