import Dispatch
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
            return .computed(isShort: false) {
                await gate.pass()
                return text("computed")
            }
        }
    }

    /// Asks for the page; on a busy machine it may be late again.
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
            // Connections are not accepted in the order of their requests: ask until it is full.
            var refusal: Reply?
            for _ in 0..<64 where refusal == nil {
                try await Task.sleep(for: .milliseconds(10))
                try await late.send("GET /ready HTTP/1.1\r\nHost: a\r\n\r\n")
                #expect(try await late.reply().body == "ready")
                if await gate.arrivals == 1 {
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
            #expect(await gate.arrivals == 1)
            await gate.open()
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
                .with(\.maxComputing, 1)
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
            await gate.open()
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
            // The first ignores that it was cancelled, so the next one waits in vain as well.
            try await clients[0].send(Self.get)
            #expect(try await clients[0].reply().status == 503)
            #expect(try await eventually { await gate.arrivals == 1 })
            await gate.open()
            var askedAgain = 0
            #expect(
                try await eventually {
                    askedAgain += 1
                    return await isComputed(for: clients[0])
                }
            )
            #expect(await gate.arrivals <= 1 + askedAgain)
        }
    }

    @Test
    func `every late page is answered at its deadline, while another keeps a thread`()
        async throws
    {
        let isOver = Mutex(false)
        let routes = Routes { _ in
            .computed(isShort: false) {
                // A page of thousands of peers: no suspension, and no look at the cancellation.
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
            // The promise is the deadline; the rest is the patience of a busy machine.
            #expect(ContinuousClock.now - sent < .seconds(5))
        }
    }

    @Test
    func `a page that is late is told to stop`() async throws {
        let stopped = Gate()
        let routes = Routes { _ in
            .computed(isShort: false) {
                try? await Task.sleep(for: .seconds(3600))  // Ends when cancelled, by throwing.
                await stopped.open()
                await stopped.pass()
                return text("stopped")
            }
        }
        try await withServer(
            routes,
            configuration: .loopback().with(\.pageDeadline, .milliseconds(50))
        ) { server in
            let client = try Client(port: server.port)
            try await client.send(Self.get)
            #expect(try await client.reply().status == 503)
            #expect(try await eventually { await stopped.arrivals == 1 })
        }
    }

    @Test
    func `clients that leave while they wait leave nothing behind`() async throws {
        let gate = Gate()
        try await withServer(routes(gate)) { server in
            for _ in 0..<64 { try await Client(port: server.port).send(Self.get) }
            #expect(try await eventually { await gate.arrivals == 1 })
            await gate.open()
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
    func `many clients, pages of both kinds, and hasty ones among them`(isShort: Bool) async throws
    {
        let record = Record()
        let ready = Page(text("ready"))
        let routes = Routes { request in
            request.path == "/ready"
                ? .page(ready)
                : .computed(isShort: isShort) {
                    await Task.yield()
                    return text("computed")
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

    @Test(arguments: [false, true])
    func `a page that found an actor busy leaves the thread that kept it alone`(
        isShort: Bool
    ) async throws {
        let lane = Lane()
        let room = Room()
        let hasAsked = Mutex(false)
        let wasOnLane = Mutex([Bool]())
        let routes = Routes { _ in
            .computed(isShort: isShort) {
                hasAsked.withLock { $0 = true }
                let inside = await room.isOnLane(lane)
                wasOnLane.withLock { $0 = [inside, lane.isCurrent] }
                return text("computed")
            }
        }
        try await withServer(routes) { server in
            let client = try Client(port: server.port)
            // Until the page came while the lane was in the room, and was let in by it.
            var rounds = 0
            repeat {
                rounds += 1
                let isFree = Mutex(false)
                async let keeping: Void = Task(executorPreference: lane) {
                    await room.keep { isFree.withLock(\.self) }
                }
                .value
                #expect(try await eventually { room.isKept })
                hasAsked.withLock { $0 = false }
                try await client.send(Self.get)
                #expect(try await eventually { hasAsked.withLock(\.self) })
                try await Task.sleep(for: .milliseconds(20))
                isFree.withLock { $0 = true }
                #expect(try await client.reply().body == "computed")
                await keeping
            } while wasOnLane.withLock({ $0[0] == false }) && rounds < 20
        }
        #expect(wasOnLane.withLock(\.self) == [true, false])
    }
}

/// A thread of its own for tasks that prefer it.
private final class Lane: TaskExecutor {
    private static let key = DispatchSpecificKey<Bool>()
    private let queue = DispatchQueue(label: "lane")

    init() { queue.setSpecific(key: Self.key, value: true) }

    var isCurrent: Bool { DispatchQueue.getSpecific(key: Self.key) == true }

    func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        queue.async { unsafe job.runSynchronously(on: self.asUnownedTaskExecutor()) }
    }
}

/// An actor that can be kept busy.
private actor Room {
    private nonisolated let keepers = Mutex(0)

    nonisolated var isKept: Bool { keepers.withLock { $0 > 0 } }

    /// Keeps its thread and the room until `isOver`.
    func keep(until isOver: () -> Bool) {
        keepers.withLock { $0 += 1 }
        while !isOver() { usleep(1000) }
        keepers.withLock { $0 -= 1 }
    }

    func isOnLane(_ lane: Lane) -> Bool { lane.isCurrent }
}
