import MicroHTTPServer
import Testing

/// Clients that send or read slowly.
@Suite(.timeLimit(.minutes(2)))
struct SlowClientTests {
    private static let get = "GET / HTTP/1.1\r\nHost: a\r\n\r\n"
    /// Larger than the buffers of both ends together.
    private static let size = 24 << 20

    @Test
    func `an incomplete request is closed at its deadline, while idle connections stay`()
        async throws
    {
        let counts = ListenerCounts()
        try await withServer(
            Routes.hello,
            configuration: .loopback().with(\.requestTimeout, .seconds(2)),
            counts: counts
        ) { server in
            let idle = try Client(port: server.port)
            let silent = try Client(port: server.port)
            let dripping = try (0..<3).map { _ in try Client(port: server.port) }
            for client in [idle] + dripping.dropFirst() {
                try await client.send(Self.get)
                #expect(try await client.reply().status == 200)
            }
            // A part that arrives after a complete request begins the next one.
            try await dripping[2].send(Self.get + "GET")
            #expect(try await dripping[2].reply().status == 200)
            let start = ContinuousClock.now
            for byte in "GET / HTTP/1.1".utf8 {
                for client in dripping.prefix(2) { try await client.send([byte]) }
                try await Task.sleep(for: .milliseconds(300))
            }
            for client in dripping { #expect(try await client.remainder().isEmpty) }
            let elapsed = ContinuousClock.now - start
            #expect(elapsed > .seconds(2) && elapsed < .seconds(8))
            #expect(counts.closed(for: .incomplete) == 3)
            for client in [idle, silent] {
                try await client.send(Self.get)
                #expect(try await client.reply().status == 200)
            }
        }
    }

    @Test
    func `a silent new connection is closed after its timeout`() async throws {
        let counts = ListenerCounts()
        try await withServer(
            Routes.hello,
            configuration: .loopback().with(\.firstByteTimeout, .seconds(1)),
            counts: counts
        ) { server in
            let client = try Client(port: server.port)
            #expect(try await client.remainder().isEmpty)
            #expect(counts.closed(for: .unused) == 1)
        }
    }

    @Test
    func `a client that reads nothing is closed, and one that reads slowly gets everything`()
        async throws
    {
        let counts = ListenerCounts()
        let page = Page(text(String(repeating: "a", count: Self.size)))
        try await withServer(
            Routes { _ in .page(page) },
            configuration: .loopback().with(\.stallTimeout, .seconds(2)),
            counts: counts
        ) { server in
            let slow = try Client(port: server.port)
            let stalled = try (0..<20).map { _ in try Client(port: server.port) }
            for client in [slow] + stalled { try await client.send(Self.get) }
            let start = ContinuousClock.now
            while ContinuousClock.now - start < .seconds(6) {
                _ = try slow.takeSome()
                try await Task.sleep(for: .milliseconds(100))
            }
            #expect(counts.closed(for: .stalled) == stalled.count)
            #expect(counts.openConnections == 1)
            #expect(try await slow.reply().body.utf8.count == Self.size)
        }
    }
}
