import Glibc
import MicroHTTPServer
import Synchronization
import Testing

@Suite(.timeLimit(.minutes(2)))
struct ComputedTests {
    private static let get = "GET /computed HTTP/1.1\r\nHost: a\r\n\r\n"

    /// `/ready` is in memory, everything else waits at the gate.
    private func routes(_ gate: Gate) -> Routes {
        let ready = Page(text("ready"))
        return Routes { request in
            if request.path == "/ready" { return .page(ready) }
            return .queued {
                gate.pass()
                return text("computed")
            }
        }
    }

    /// Requests the page; on a busy machine it may be late again.
    private func isComputed(for client: Client) async -> Bool {
        try? await client.send(Self.get)
        return (try? await client.reply().body) == "computed"
    }

    @Test
    func `one page beyond the queue gets 503 while ready pages are served`() async throws {
        let gate = Gate()
        let record = Record()
        try await withServer(routes(gate), record: record) { server in
            let clients = try (0..<64).map { _ in try Client(port: server.port) }
            for client in clients { try await client.send(Self.get) }
            let late = try Client(port: server.port)
            // Connections are not accepted in the order of their requests, so ask until it is full.
            var refusal: Reply?
            for _ in 0..<64 where refusal == nil {
                try await Task.sleep(for: .milliseconds(10))
                try await late.send("GET /ready HTTP/1.1\r\nHost: a\r\n\r\n")
                #expect(try await late.reply().body == "ready")
                if gate.arrivals == 1 {
                    let one = try Client(port: server.port)
                    try await one.send(Self.get)
                    if try await !one.isSilent(for: .milliseconds(50)) {
                        refusal = try await one.reply()
                    }
                }
            }
            #expect(refusal?.status == 503)
            #expect(refusal?.body.hasPrefix(#"{"error":"busy","message":"#) == true)
            #expect(refusal?.headers["retry-after"] == "1")
            #expect(gate.arrivals == 1)
            gate.open()
            for client in clients { #expect(try await client.reply().status == 200) }
            try await late.send(Self.get)
            #expect(try await late.reply().body == "computed")
        }
    }

    @Test
    func `a page not computed in time gets 503 and its connection stays`() async throws {
        let gate = Gate()
        try await withServer(
            routes(gate),
            configuration: .loopback().with(\.pageDeadline, .milliseconds(100))
        ) { server in
            let clients = try (0..<3).map { _ in try Client(port: server.port) }
            for client in clients { try await client.send(Self.get) }
            for client in clients {
                let reply = try await client.reply()
                #expect(reply.status == 503)
                #expect(reply.body.hasPrefix(#"{"error":"late","message":"#))
                try await client.send("GET /ready HTTP/1.1\r\nHost: a\r\n\r\n")
                #expect(try await client.reply().body == "ready")
            }
            gate.open()
            #expect(try await eventually { await isComputed(for: clients[0]) })
        }
    }

    @Test
    func `one late page keeps its place to its end, and those behind it are never computed`()
        async throws
    {
        let gate = Gate()
        try await withServer(
            routes(gate),
            configuration: .loopback().with(\.pageDeadline, .milliseconds(300))
        ) { server in
            let clients = try (0..<8).map { _ in try Client(port: server.port) }
            for client in clients { try await client.send(Self.get) }
            for client in clients { #expect(try await client.reply().status == 503) }
            // The first is still being rendered, so the next one is late as well.
            try await clients[0].send(Self.get)
            #expect(try await clients[0].reply().status == 503)
            #expect(try await eventually { gate.arrivals == 1 })
            gate.open()
            var askedAgain = 0
            #expect(
                try await eventually {
                    askedAgain += 1
                    return await isComputed(for: clients[0])
                }
            )
            #expect(gate.arrivals <= 1 + askedAgain)
        }
    }

    @Test
    func `every late page is answered at its deadline, while another keeps a thread`()
        async throws
    {
        let isOver = Mutex(false)
        let routes = Routes { _ in
            .queued {
                while !isOver.withLock(\.self) { usleep(1000) }
                return text("computed")
            }
        }
        try await withServer(
            routes,
            configuration: .loopback().with(\.pageDeadline, .milliseconds(500))
        ) { server in
            defer { isOver.withLock { $0 = true } }
            let clients = try (0..<20).map { _ in try Client(port: server.port) }
            let start = ContinuousClock.now
            for client in clients { try await client.send(Self.get) }
            let sent = ContinuousClock.now
            for client in clients {
                #expect(try await client.reply().body.hasPrefix(#"{"error":"late","message":"#))
                #expect(ContinuousClock.now - start >= .milliseconds(500))
            }
            // The deadline and some time for a busy machine.
            #expect(ContinuousClock.now - sent < .seconds(5))
        }
    }

    @Test
    func `clients that disconnect while they wait free their places`() async throws {
        let gate = Gate()
        try await withServer(routes(gate)) { server in
            for _ in 0..<64 { try await Client(port: server.port).send(Self.get) }
            #expect(try await eventually { gate.arrivals == 1 })
            gate.open()
            // Were one of the 64 places not given back, one of these would not be served.
            #expect(
                try await eventually {
                    let clients = (0..<64).compactMap { _ in try? Client(port: server.port) }
                    for client in clients { try? await client.send(Self.get) }
                    var served = 0
                    for client in clients where (try? await client.reply().status) == 200 {
                        served += 1
                    }
                    return served == 64
                }
            )
        }
    }

    @Test(arguments: [false, true])
    func `many clients get ready and computed pages while some disconnect`(
        isSmall: Bool
    ) async throws {
        let record = Record()
        let ready = Page(text("ready"))
        let routes = Routes { request in
            request.path == "/ready"
                ? .page(ready)
                : rendered(isSmall: isSmall) {
                    text("computed")
                }
        }
        try await withServer(routes, record: record) { server in
            let port = server.port
            try await withThrowingTaskGroup(of: Void.self) { group in
                for number in 0..<40 {
                    group.addTask {
                        let client = try Client(port: port)
                        for round in 0..<50 {
                            let path = (number + round).isMultiple(of: 3) ? "/computed" : "/ready"
                            try await client.send("GET \(path) HTTP/1.1\r\nHost: a\r\n\r\n")
                            if number.isMultiple(of: 4) && round == 25 { return }
                            let reply = try await client.reply()
                            #expect(reply.status == 200)
                            #expect("/" + reply.body == path)
                        }
                    }
                }
                try await group.waitForAll()
            }
        }
    }
}
