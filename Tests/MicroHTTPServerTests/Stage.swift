import Dispatch
import MicroHTTPServer
import Synchronization

/// A handler made of a closure.
struct Routes: Handler {
    let route: @Sendable (Request) -> Answer

    func answer(_ request: Request) -> Answer {
        route(request)
    }

    /// One ready page for every path.
    static let hello: Routes = {
        let page = Page(text("hello"))
        return Routes { _ in .page(page) }
    }()
}

func text(_ body: String, status: Int = 200) -> Response {
    Response(status: status, contentType: "text/plain", body: Array(body.utf8))
}

/// What a server logged, reported and observed.
final class Record: Sendable {
    private let state = Mutex(
        (paths: [String](), statuses: [Int](), lines: [String](), events: [ListenerEvent]())
    )

    var paths: [String] { state.withLock { $0.paths } }
    var statuses: [Int] { state.withLock { $0.statuses } }
    var lines: [String] { state.withLock { $0.lines } }
    var events: [ListenerEvent] { state.withLock { $0.events } }

    func note(_ path: String, _ status: Int) {
        state.withLock { state in
            state.paths.append(path)
            state.statuses.append(status)
        }
    }

    func note(line: String) {
        state.withLock { $0.lines.append(line) }
    }

    func note(event: ListenerEvent) {
        state.withLock { $0.events.append(event) }
    }
}

/// A page rendered by the thread that serves the connection if it `isSmall`, or else by another.
func rendered(
    isSmall: Bool,
    key: String? = nil,
    _ render: @escaping @Sendable () -> Response
) -> Answer {
    isSmall ? .rendered(key: key, render) : .queued(key: key, render)
}

/// Blocks renderings until it is opened, and counts them.
final class Gate: Sendable {
    private let count = Mutex(0)
    private let isOpen = DispatchSemaphore(value: 0)

    var arrivals: Int { count.withLock(\.self) }

    func pass() {
        count.withLock { $0 += 1 }
        isOpen.wait()
        // For the next rendering.
        isOpen.signal()
    }

    func open() { isOpen.signal() }
}

extension Configuration {
    /// A free port of the host, with a short `idleGrace`.
    static func loopback(host: String = "127.0.0.1") -> Configuration {
        var configuration = Configuration(host: host, port: 0)
        configuration.idleGrace = .milliseconds(50)
        return configuration
    }

    /// The same with one setting changed.
    func with<Value>(
        _ setting: WritableKeyPath<Configuration, Value>,
        _ value: Value
    ) -> Configuration {
        var configuration = self
        configuration[keyPath: setting] = value
        return configuration
    }
}

/// Runs a server on a free loopback port while `body` runs, then stops it.
func withServer(
    _ handler: any Handler,
    record: Record = Record(),
    configuration: Configuration = .loopback(),
    access: AccessControl = AccessControl(),
    pages: PageCounts = PageCounts(),
    counts: ListenerCounts = ListenerCounts(),
    body: (MicroHTTPServer) async throws -> Void
) async throws {
    let server = try MicroHTTPServer(
        configuration,
        handler: handler,
        access: access,
        pages: pages,
        counts: counts,
        log: { record.note(line: $0) },
        report: { record.note(event: $0) },
        observe: { record.note($0, $1) }
    )
    let running = Task { await server.run() }
    do {
        try await body(server)
    } catch {
        running.cancel()
        await running.value
        throw error
    }
    running.cancel()
    await running.value
}

/// Waits until a condition holds, ten seconds at most.
func eventually(_ condition: () async -> Bool) async throws -> Bool {
    for _ in 0..<2000 {
        if await condition() { return true }
        try await Task.sleep(for: .milliseconds(5))
    }
    return false
}
