import Testing

@testable import MicroHTTPServer

@Suite(.timeLimit(.minutes(2)))
struct LimitTests {
    private static let get = "GET / HTTP/1.1\r\nHost: a\r\n\r\n"

    @Test
    func `at the limit the connection idle longest is closed and a new one served`() async throws {
        let record = Record()
        try await withServer(
            Routes.hello,
            record: record,
            configuration: .loopback().with(\.maxConnections, 16)
        ) { server in
            var clients = try (0..<15).map { _ in try Client(port: server.port) }
            for client in clients {
                try await client.send(Self.get)
                #expect(try await client.reply().status == 200)
                // The connections must become idle at different times.
                try await Task.sleep(for: .milliseconds(12))
            }
            try await clients[0].send(Self.get)
            #expect(try await clients[0].reply().status == 200)
            let next = try Client(port: server.port)
            try await next.send(Self.get)
            #expect(try await next.reply().status == 200)
            #expect(try await clients.remove(at: 1).remainder().isEmpty)
            for client in clients {
                try await client.send(Self.get)
                #expect(try await client.reply().status == 200)
            }
        }
        #expect(record.events == [.connectionsShort(limit: 16)])
    }

    @Test
    func `incomplete requests on all connections do not delay a new one`() async throws {
        let counts = ListenerCounts()
        try await withServer(
            Routes.hello,
            configuration: .loopback().with(\.maxConnections, 64),
            counts: counts
        ) { server in
            var silent: [Client] = []
            for number in 0..<1_000 {
                let client = try Client(port: server.port)
                if number % 2 == 0 { try await client.send("GET / HTTP/1.1\r\nHo") }
                silent.append(client)
                guard number % 100 == 99 else { continue }
                let start = ContinuousClock.now
                let asking = try Client(port: server.port)
                try await asking.send(Self.get)
                #expect(try await asking.reply().status == 200)
                #expect(ContinuousClock.now - start < .seconds(1))
            }
            #expect(counts.openConnections <= 64 && counts.connectionLimit == 64)
            #expect(counts.closed(for: .evicted) > 900)
        }
    }

    @Test
    func `a connection beyond the limit of its address is closed`() async throws {
        try await withServer(
            Routes.hello,
            configuration: .loopback().with(\.maxConnectionsPerAddress, 2)
        ) { server in
            let clients = try (0..<2).map { _ in try Client(port: server.port) }
            for client in clients {
                try await client.send(Self.get)
                #expect(try await client.reply().status == 200)
            }
            #expect(try await Client(port: server.port).remainder().isEmpty)
        }
    }

    @Test
    func `a silent connection is closed after the idle timeout`() async throws {
        try await withServer(
            Routes.hello,
            configuration: .loopback().with(\.idleTimeout, .seconds(1))
        ) { server in
            let start = ContinuousClock.now
            let silent = try Client(port: server.port)
            let half = try Client(port: server.port)
            try await half.send("GET / HTTP/1.1\r\nHos")
            #expect(try await silent.remainder().isEmpty)
            #expect(try await half.remainder().isEmpty)
            #expect(ContinuousClock.now - start > .milliseconds(900))
        }
    }

    /// Requests that libmicrohttpd refuses before it calls the handler, see contracts/http.md.
    static let refusedByLibrary = [
        "GET /\(String(repeating: "a", count: 40_000)) HTTP/1.1\r\nHost: a\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: a\r\nX: \(String(repeating: "a", count: 40_000))\r\n\r\n",
        "GET / HTTP/2.0\r\nHost: a\r\n\r\n",
        "GET / HTTP/1.12\r\nHost: a\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: a\r\nX\r\n\r\n",
    ]

    @Test(arguments: refusedByLibrary.indices)
    func `a refusal by the library is no JSON, is not counted, and ends the connection`(
        index: Int
    ) async throws {
        let record = Record()
        try await withServer(Routes.hello, record: record) { server in
            let client = try Client(port: server.port)
            try await client.send(Self.refusedByLibrary[index])
            let answer = try await client.remainder()
            #expect(!answer.contains(#"{"error":"#) && !answer.contains("hello"))
            #expect(
                answer.isEmpty || answer.hasPrefix("HTTP/1.1 4") || answer.hasPrefix("HTTP/1.1 5")
            )
        }
        #expect(record.paths.isEmpty)
    }

    @Test
    func `a flood of bad requests causes few log lines`() async throws {
        let record = Record()
        try await withServer(Routes.hello, record: record) { server in
            for _ in 0..<100 {
                let client = try Client(port: server.port)
                try await client.send("GET / HTTP/7.1\r\n\r\n")
                #expect(try await client.remainder().hasPrefix("HTTP/1.1 505"))
            }
        }
        #expect(!record.lines.isEmpty)
        #expect(record.lines.count < 50)
        #expect(record.lines.allSatisfy { !$0.contains("\n") && $0.utf8.count < 350 })
    }

    @Test
    func `omitted lines are counted in the next one`() {
        var allowance = LogAllowance()
        let start = ContinuousClock.now
        let first = (0..<8).compactMap { allowance.admit("line \($0)", at: start) }
        #expect(first == (0..<5).map { "line \($0)" })
        let later = allowance.admit("later", at: start + .seconds(1))
        #expect(later == "later (3 lines before it omitted)")
        #expect(allowance.admit("last", at: start + .seconds(1)) == "last")
    }
}
