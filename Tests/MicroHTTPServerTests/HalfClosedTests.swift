import MicroHTTPServer
import Testing

/// Clients that close their sending side, as `nc -N` does, at any moment.
@Suite(.timeLimit(.minutes(2)))
struct HalfClosedTests {
    private static let get = "GET / HTTP/1.1\r\nHost: a\r\n\r\n"

    /// Whether all connections of a server are gone within a second.
    private func areGone(_ counts: ListenerCounts) async throws -> Bool {
        let start = ContinuousClock.now
        while counts.openConnections > 0 {
            guard ContinuousClock.now - start < .seconds(1) else { return false }
            try await Task.sleep(for: .milliseconds(5))
        }
        return true
    }

    @Test(arguments: ["", "G", "GET / HTTP/1.1\r\nHost: a\r\n", "\r\n\r\nGET /"])
    func `half requests with an end are gone within a second`(part: String) async throws {
        let counts = ListenerCounts()
        try await withServer(Routes.hello, counts: counts) { server in
            var clients: [Client] = []
            for _ in 0..<300 {
                let client = try Client(port: server.port)
                try await client.send(part)
                client.finishSending()
                clients.append(client)
            }
            #expect(try await areGone(counts), "\(counts.openConnections) are left")
            for client in clients { #expect(try await client.remainder().isEmpty) }
        }
    }

    @Test
    func `half of a later request with an end is gone within a second`() async throws {
        let counts = ListenerCounts()
        try await withServer(Routes.hello, counts: counts) { server in
            let clients = try (0..<200).map { _ in try Client(port: server.port) }
            for client in clients {
                try await client.send(Self.get)
                #expect(try await client.reply().status == 200)
            }
            for client in clients {
                try await client.send("GET / HT")
                client.finishSending()
            }
            #expect(try await areGone(counts), "\(counts.openConnections) are left")
        }
    }

    @Test
    func `a request with an end is answered, and its connection closed within a second`()
        async throws
    {
        let counts = ListenerCounts()
        try await withServer(Routes.hello, counts: counts) { server in
            let clients = try (0..<300).map { _ in try Client(port: server.port) }
            for client in clients {
                try await client.send(Self.get + Self.get)
                client.finishSending()
            }
            #expect(try await areGone(counts), "\(counts.openConnections) are left")
            for client in clients {
                #expect(try await client.reply().status == 200)
                #expect(try await client.reply().status == 200)
                #expect(try await client.remainder().isEmpty)
            }
        }
    }

    @Test(arguments: [false, true])
    func `a page that is computed meanwhile is sent whole to a client that has closed its side`(
        isDraining: Bool
    ) async throws {
        let gate = Gate()
        let body = String(repeating: "computed ", count: 100_000)
        let routes = Routes { _ in
            .queued {
                gate.pass()
                return text(body)
            }
        }
        let counts = ListenerCounts()
        try await withServer(routes, counts: counts) { server in
            if isDraining { server.beginDraining() }
            let client = try Client(port: server.port)
            try await client.send(Self.get)
            client.finishSending()
            #expect(try await eventually { gate.arrivals == 1 })
            // Long enough for the end to be shown to the library, if it were.
            try await Task.sleep(for: .milliseconds(200))
            gate.open()
            let reply = try await client.reply()
            #expect(reply.status == 200 && reply.body == body)
            #expect(try await client.remainder().isEmpty)
            #expect(try await areGone(counts))
        }
    }

    @Test
    func `145 half-closed connections a second do not disturb the others`() async throws {
        let configuration = Configuration.loopback().with(\.maxConnections, 100)
        try await withServer(Routes.hello, configuration: configuration) { server in
            let kept = try Client(port: server.port)
            var clients: [Client] = []
            for number in 0..<435 {
                let client = try Client(port: server.port)
                try await client.send(number % 2 == 0 ? Self.get : "GET /")
                client.finishSending()
                clients.append(client)
                if number % 20 == 0 {
                    let asking = try Client(port: server.port)
                    for client in [asking, kept] {
                        let start = ContinuousClock.now
                        try await client.send(Self.get)
                        #expect(try await client.reply().status == 200)
                        #expect(ContinuousClock.now - start < .seconds(1))
                    }
                }
                try await Task.sleep(for: .milliseconds(7))
            }
        }
    }
}
