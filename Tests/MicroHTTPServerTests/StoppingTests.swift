import MicroHTTPServer
import Testing

@Suite(.timeLimit(.minutes(2)))
struct StoppingTests {
    private static let get = "GET / HTTP/1.1\r\nHost: a\r\n\r\n"

    private func start(
        _ handler: any Handler,
        configuration: Configuration = Configuration(host: "127.0.0.1", port: 0)
    ) throws -> (server: MicroHTTPServer, running: Task<Void, Never>) {
        let server = try MicroHTTPServer(
            configuration,
            handler: handler,
            log: { _ in },
            observe: { _, _ in }
        )
        return (server, Task { await server.run() })
    }

    @Test
    func `pages being computed are finished, and new connections refused`() async throws {
        let gate = Gate()
        let routes = Routes { _ in
            .queued {
                gate.pass()
                return text("computed")
            }
        }
        let (server, running) = try start(routes)
        let clients = try (0..<10).map { _ in try Client(port: server.port) }
        for client in clients { try await client.send(Self.get) }
        #expect(try await eventually { gate.arrivals == 1 })
        try await Task.sleep(for: .milliseconds(100))
        running.cancel()
        #expect(try await eventually { (try? Client(port: server.port)) == nil })
        gate.open()
        for client in clients {
            let reply = try await client.reply()
            #expect(reply.status == 200)
            #expect(reply.closes)
        }
        await running.value
    }

    @Test
    func `pages that are never rendered do not block the stop for ever`() async throws {
        let gate = Gate()
        let routes = Routes { _ in
            .queued {
                gate.pass()
                return text("computed")
            }
        }
        let (server, running) = try start(
            routes,
            configuration: .loopback().with(\.stopDeadline, .milliseconds(300))
        )
        let clients = try (0..<64).map { _ in try Client(port: server.port) }
        for client in clients { try await client.send(Self.get) }
        #expect(try await eventually { gate.arrivals == 1 })
        try await Task.sleep(for: .milliseconds(100))
        running.cancel()
        let start = ContinuousClock.now
        await running.value
        #expect(ContinuousClock.now - start < .seconds(3))
        for client in clients {
            let reply = try await client.reply()
            #expect(reply.status == 503)
            #expect(reply.body.hasPrefix(#"{"error":"stopping","message":"#))
        }
        gate.open()
    }

    @Test
    func `idle connections delay the stop only briefly`() async throws {
        let (server, running) = try start(Routes.hello)
        let clients = try (0..<10).map { _ in try Client(port: server.port) }
        for client in clients {
            try await client.send(Self.get)
            #expect(try await client.reply().status == 200)
        }
        let start = ContinuousClock.now
        running.cancel()
        await running.value
        let elapsed = ContinuousClock.now - start
        #expect(elapsed > .milliseconds(900))
        #expect(elapsed < .seconds(4))
        for client in clients { #expect(try await client.remainder().isEmpty) }
    }

    @Test
    func `a response during the stop closes its connection`() async throws {
        let (server, running) = try start(
            Routes.hello,
            configuration: .loopback().with(\.idleGrace, .seconds(8))
        )
        let client = try Client(port: server.port)
        try await client.send(Self.get)
        #expect(try await !client.reply().closes)
        running.cancel()
        #expect(try await eventually { (try? Client(port: server.port)) == nil })
        let start = ContinuousClock.now
        try await client.send(Self.get)
        #expect(try await client.reply().closes)
        await running.value
        #expect(ContinuousClock.now - start < .seconds(4))
    }

    @Test(arguments: [false, true])
    func `while draining every answer is the last on its connection`(isSmall: Bool) async throws {
        let routes = Routes { request in
            request.path == "/computed"
                ? rendered(isSmall: isSmall) { text("computed") }
                : .page(Page(text("ready")))
        }
        try await withServer(routes) { server in
            let before = try Client(port: server.port)
            try await before.send(Self.get)
            #expect(try await !before.reply().closes)
            server.beginDraining()
            for path in ["/computed", "/ready"] {
                let client = try Client(port: server.port)
                try await client.send("GET \(path) HTTP/1.1\r\nHost: a\r\n\r\n" + Self.get)
                let reply = try await client.reply()
                #expect(reply.status == 200)
                #expect("/" + reply.body == path)
                #expect(reply.closes)
                #expect(try await client.remainder().isEmpty)
            }
            try await before.send(Self.get)
            #expect(try await before.reply().closes)
        }
    }

    @Test
    func `a server that never ran is freed with suspended connections`() async throws {
        let gate = Gate()
        let routes = Routes { _ in
            .queued {
                gate.pass()
                return text("computed")
            }
        }
        var client: Client?
        do {
            let server = try MicroHTTPServer(
                Configuration(host: "127.0.0.1", port: 0),
                handler: routes,
                log: { _ in },
                observe: { _, _ in }
            )
            client = try Client(port: server.port)
            try await client?.send(Self.get)
            #expect(try await eventually { gate.arrivals == 1 })
        }
        _ = try await client?.remainder()
        gate.open()
    }

    @Test(arguments: [false, true])
    func `a stop under load aborts nothing`(isSmall: Bool) async throws {
        for _ in 0..<30 {
            let (server, running) = try start(
                Routes { request in
                    request.path == "/computed"
                        ? rendered(isSmall: isSmall) { text("computed") }
                        : .page(Page(text("ready")))
                },
                configuration: .loopback().with(\.maxConnections, 8)
            )
            let port = server.port
            await withTaskGroup(of: Void.self) { group in
                for number in 0..<12 {
                    group.addTask {
                        let path = number.isMultiple(of: 3) ? "/computed" : "/ready"
                        // A client that fails was cut off by the stop, and is done.
                        while let client = try? Client(port: port) {
                            let request = "GET \(path) HTTP/1.1\r\nHost: a\r\n\r\n"
                            guard (try? await client.send(request)) != nil,
                                (try? await client.reply()) != nil
                            else { return }
                        }
                    }
                }
                try? await Task.sleep(for: .milliseconds(20))
                running.cancel()
                await running.value
            }
            #expect(throws: ClientError.refused) { try Client(port: port) }
        }
    }
}
