import MicroHTTPServer
import Synchronization
import Testing

/// Renders numbered pages.
private final class Press: Sendable {
    /// More than the socket buffers of both sides: a client that does not read holds the page.
    static let bytes = 8 << 20
    private let state = Mutex((asked: 0, printed: 0))

    /// How many requests came for a page.
    var asked: Int { state.withLock { $0.asked } }
    /// How many pages were computed.
    var printed: Int { state.withLock { $0.printed } }

    /// Large pages whose key is their path, or nil at `/own`; `/ready` is in memory.
    func routes(isSmall: Bool = false, behind gate: Gate? = nil) -> Routes {
        let ready = Page(text("ready"))
        return Routes { [self] request in
            if request.path == "/ready" { return .page(ready) }
            state.withLock { $0.asked += 1 }
            let key = request.path.hasPrefix("/own") ? nil : request.path
            return rendered(isSmall: isSmall, key: key) { [self] in
                gate?.pass()
                let number = state.withLock { state in
                    state.printed += 1
                    return state.printed
                }
                return text("\(number) " + String(repeating: "x", count: Self.bytes - 2))
            }
        }
    }
}

/// Which requests share a page, and what clients that do not read may hold.
@Suite(.timeLimit(.minutes(2)))
struct PageSharingTests {
    private static func ask(_ path: String, _ server: MicroHTTPServer) async throws -> Client {
        let client = try Client(port: server.port)
        try await client.send("GET \(path) HTTP/1.1\r\nHost: a\r\n\r\n")
        return client
    }

    /// The number of the page that a client gets.
    private static func number(_ client: Client) async throws -> String {
        String(try await client.reply().body.prefix { $0 != " " })
    }

    @Test
    func `requests that wait for one page share one started after all of them`() async throws {
        let (press, gate) = (Press(), Gate())
        try await withServer(press.routes(behind: gate)) { server in
            let first = try await Self.ask("/a", server)
            #expect(try await eventually { gate.arrivals == 1 })
            var others: [Client] = []
            for _ in 0..<40 { others.append(try await Self.ask("/a", server)) }
            let another = try await Self.ask("/b", server)
            #expect(try await eventually { press.asked == 42 })
            try await Task.sleep(for: .milliseconds(50))  // from the handler into the queue
            gate.open()
            #expect(try await Self.number(first) == "1")
            #expect(try await Self.number(another) == "3")
            for client in others { #expect(try await Self.number(client) == "2") }
        }
    }

    @Test
    func `without a key each request has a page of its own`() async throws {
        let (press, gate) = (Press(), Gate())
        try await withServer(press.routes(behind: gate)) { server in
            var clients: [Client] = []
            for _ in 0..<3 { clients.append(try await Self.ask("/own", server)) }
            gate.open()
            var numbers: Set<String> = []
            for client in clients { numbers.insert(try await Self.number(client)) }
            #expect(numbers == ["1", "2", "3"])
        }
    }

    @Test(arguments: [false, true])
    func `while clients hold little, no request gets a page that was started before it`(
        isSmall: Bool
    ) async throws {
        let (press, pages) = (Press(), PageCounts())
        // Little is a sixteenth of it.
        let bound = 32 * Press.bytes
        let configuration = Configuration.loopback().with(\.maxResponseBytes, bound)
        let routes = press.routes(isSmall: isSmall)
        try await withServer(routes, configuration: configuration, pages: pages) { server in
            let idle = try await Self.ask("/a", server)
            #expect(try await eventually { pages.heldBytes == Press.bytes })
            #expect(try await Self.number(Self.ask("/a", server)) == "2")
            withExtendedLifetime(idle) {}
        }
    }

    @Test(arguments: [(isSmall: false, hasAge: true), (false, false), (true, true), (true, false)])
    func `while clients hold much, they share a page that is young enough`(
        isSmall: Bool,
        hasAge: Bool
    ) async throws {
        let (press, pages) = (Press(), PageCounts())
        let configuration = Configuration.loopback().with(\.maxResponseBytes, 8 * Press.bytes)
            .with(\.maxPageAge, hasAge ? .seconds(60) : .zero)
        let routes = press.routes(isSmall: isSmall)
        try await withServer(routes, configuration: configuration, pages: pages) { server in
            var idle = [try await Self.ask("/a", server)]
            #expect(try await eventually { pages.heldBytes == Press.bytes })
            for number in 2...6 {
                idle.append(try await Self.ask("/a", server))
                let count = hasAge ? 1 : number
                #expect(try await eventually { press.asked == number && press.printed == count })
                #expect(try await eventually { pages.heldBytes == count * Press.bytes })
            }
            #expect(try await Self.number(Self.ask("/a", server)) == (hasAge ? "1" : "7"))
            // The page of another key is another page.
            #expect(try await Self.number(Self.ask("/b", server)) == (hasAge ? "2" : "8"))
            for client in idle { _ = try await Self.number(client) }
            #expect(try await eventually { pages.heldBytes == 0 })
        }
    }

    @Test(arguments: [false, true])
    func `clients that hold the maximum get 503, and ready pages are still served`(
        isSmall: Bool
    ) async throws {
        let (press, pages) = (Press(), PageCounts())
        let bound = Press.bytes * 5 / 2
        let configuration = Configuration.loopback().with(\.maxResponseBytes, bound)
        let routes = press.routes(isSmall: isSmall)
        try await withServer(routes, configuration: configuration, pages: pages) { server in
            var idle: [Client] = []
            for number in 1...3 {
                idle.append(try await Self.ask("/own", server))
                #expect(try await eventually { pages.heldBytes == number * Press.bytes })
            }
            let refused = try await Self.ask("/own", server)
            let reply = try await refused.reply()
            #expect(reply.status == 503)
            #expect(reply.body.hasPrefix(#"{"error":"backlog","message":"#))
            #expect(reply.headers["retry-after"] == "1")
            #expect(pages.refusals(for: .backlog) == 1 && pages.refusals(for: .busy) == 0)
            try await refused.send("GET /ready HTTP/1.1\r\nHost: a\r\n\r\n")
            #expect(try await refused.reply().body == "ready")
            #expect(pages.heldBytes == 3 * Press.bytes)
            idle = []
            #expect(try await eventually { pages.heldBytes == 0 })
            #expect(try await Self.number(Self.ask("/own", server)) == "4")
        }
    }

    @Test
    func `a page whose turn comes when there is no room is refused then`() async throws {
        let (press, gate, pages) = (Press(), Gate(), PageCounts())
        let configuration = Configuration.loopback().with(\.maxResponseBytes, Press.bytes)
        let routes = press.routes(behind: gate)
        try await withServer(routes, configuration: configuration, pages: pages) { server in
            let first = try await Self.ask("/own", server)
            #expect(try await eventually { gate.arrivals == 1 })
            let next = try await Self.ask("/own", server)
            #expect(try await eventually { press.asked == 2 })
            try await Task.sleep(for: .milliseconds(50))  // from the handler into the queue
            gate.open()
            #expect(try await next.reply().body.hasPrefix(#"{"error":"backlog""#))
            #expect(try await Self.number(first) == "1")
        }
    }

    @Test(arguments: [false, true])
    func `a HEAD holds no page`(isSmall: Bool) async throws {
        let (press, pages) = (Press(), PageCounts())
        try await withServer(press.routes(isSmall: isSmall), pages: pages) { server in
            let client = try Client(port: server.port)
            try await client.send("HEAD /a HTTP/1.1\r\nHost: a\r\n\r\n")
            #expect(try await client.reply(toHead: true).length == Press.bytes)
            #expect(try await eventually { pages.heldBytes == 0 })
        }
    }
}
