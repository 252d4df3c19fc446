internal import Dispatch
internal import Glibc
import Synchronization

/// An HTTP/1.1 server by libmicrohttpd: GET and HEAD, over plain TCP, answered by a handler.
///
/// It listens and answers as soon as it exists. `run()` ends it: cancel the task that runs it.
package final class MicroHTTPServer: Sendable {
    /// The port it listens on, as the system chose it if 0 was asked for.
    package let port: UInt16
    private let configuration: Configuration
    private let context: ServerContext
    private let daemon: RunningDaemon
    private let connections: Connections
    private let acceptor: Acceptor

    /// Listens; throws if the address cannot be had, or if the library is not one that we know.
    ///
    /// `log` receives what the library has to say, a line at a time, a few a second at most.
    /// `observe` receives the path and the status of each answer, but for what the library
    /// refuses by itself: a head too large, a version or a length that is none, or not HTTP at all.
    /// `pages` counts what the computed pages come to, `counts` what becomes of connections, and
    /// `report` receives what an operator should know of the listener. All are called from any
    /// thread.
    package init(
        _ configuration: Configuration,
        handler: any Handler,
        pages: PageCounts = PageCounts(),
        counts: ListenerCounts = ListenerCounts(),
        log: @escaping @Sendable (String) -> Void,
        report: @escaping @Sendable (ListenerEvent) -> Void = { _ in },
        observe: @escaping @Sendable (String, Int) -> Void
    ) throws(ServerError) {
        let socket = try ListeningSocket(configuration)
        try HeadLayoutCheck.test(configuration)
        port = socket.port
        self.configuration = configuration
        let connections = Connections(.init(configuration), counts: counts)
        context = ServerContext(
            configuration,
            connections: connections,
            handler: handler,
            counts: pages,
            log: log,
            observe: observe
        )
        guard let daemon = RunningDaemon(configuration, context) else {
            throw .cannotListen("libmicrohttpd refused to start on \(configuration.address)")
        }
        (self.daemon, self.connections) = (daemon, connections)
        acceptor = try Acceptor(
            socket,
            configuration,
            connections: connections,
            counts: counts,
            add: { daemon.add($0) },
            report: report
        )
    }

    deinit { end() }

    /// Serves until it is cancelled, then stops: refuses new connections, sends the answers that
    /// are due, and returns when no thread of the server is left.
    package func run() async {
        while !Task.isCancelled {
            // It throws when it is cancelled, which is the end of it.
            try? await Task.sleep(for: .seconds(3600))
        }
        await withCheckedContinuation { continuation in
            // It blocks, so it gets a thread of its own rather than one of the cooperative pool.
            DispatchQueue(label: "http-stop")
                .async {
                    self.stop()
                    continuation.resume()
                }
        }
    }

    /// From here on every answer is the last on its connection, and says `Connection: close`.
    ///
    /// Connections are still accepted.
    package func beginDraining() {
        context.beginDraining()
    }

    /// Stops step by step, each bounded in time; blocks for as long.
    private func stop() {
        context.beginDraining()
        acceptor.refuse()
        let start = ContinuousClock.now
        while !isQuiet(after: ContinuousClock.now - start) { usleep(Self.turnMicroseconds) }
        context.pages.close()
        for _ in 0..<Self.lastTurns where context.openExchanges > 0 {
            usleep(Self.turnMicroseconds)
        }
        end()
    }

    /// Stops the threads; at once if that is done already.
    private func end() {
        acceptor.end()
        context.pages.close()
        daemon.stop()
    }

    /// Whether nothing is left that is worth waiting for, so long after the stop began.
    private func isQuiet(after elapsed: Duration) -> Bool {
        if elapsed >= configuration.stopDeadline { return true }
        guard context.openExchanges == 0 else { return false }
        return elapsed >= configuration.idleGrace
            || connections.count == 0
    }

    /// Long enough for each thread of the library to go once round its loop.
    private static let turnMicroseconds: UInt32 = 10_000
    /// How many such turns those have that were answered last.
    private static let lastTurns = 30
}

/// A daemon that more than one thread knows, until it is stopped.
private final class RunningDaemon: Sendable {
    private let handle: Mutex<DaemonHandle?>

    /// Nil if the library refuses.
    init?(_ configuration: Configuration, _ context: ServerContext) {
        guard let handle = DaemonHandle(configuration, context) else { return nil }
        self.handle = Mutex(handle)
    }

    /// Hands a connection over; false if it was refused, and so closed.
    func add(_ descriptor: CInt) -> Bool {
        handle.withLock { $0?.add(descriptor) ?? false }
    }

    /// Blocks until no thread is left.
    func stop() { handle.withLock { $0 = nil } }
}
