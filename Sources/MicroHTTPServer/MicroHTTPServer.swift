internal import CMicroHTTPD
internal import Dispatch
internal import Glibc

/// An HTTP/1.1 server by libmicrohttpd: GET and HEAD, over TCP or TLS, answered by a handler.
///
/// It serves from its creation until the task that calls `run()` is cancelled.
package final class MicroHTTPServer: Sendable {
    /// The port it listens on; the system chose it if the configuration has 0.
    package let port: UInt16
    private let context: ServerContext
    private let acceptor: Acceptor

    /// Starts to listen and to serve.
    ///
    /// `log` receives the log lines of the library, at most a few per second. `observe` receives
    /// the path and the status of each response, except for requests that the library refuses: a
    /// head that is too large, an invalid version, or not HTTP at all. `report` receives shortages
    /// of connections and descriptors, and refused requests. All are called from any thread.
    package init(
        _ configuration: Configuration,
        handler: any Handler,
        access: AccessControl = AccessControl(),
        pages: PageCounts = PageCounts(),
        counts: ListenerCounts = ListenerCounts(),
        log: @escaping @Sendable (String) -> Void,
        report: @escaping @Sendable (ListenerEvent) -> Void = { _ in },
        observe: @escaping @Sendable (String, Int) -> Void
    ) throws(ServerError) {
        let socket = try ListeningSocket(configuration)
        try HeadLayoutCheck.test(configuration)
        port = socket.port
        context = ServerContext(
            configuration,
            handler: handler,
            access: access,
            pages: pages,
            counts: counts,
            log: log,
            report: report,
            observe: observe
        )
        acceptor = try Acceptor(socket, DaemonHandle(context), context)
    }

    deinit { acceptor.end() }

    /// Serves until it is cancelled, then stops: refuses new connections, sends the responses that
    /// are due, and returns when all threads of the server have ended.
    package func run() async {
        while !Task.isCancelled {
            // Throws when it is cancelled.
            try? await Task.sleep(for: .seconds(3600))
        }
        await withCheckedContinuation { continuation in
            // `stop` blocks, so it must not run on a thread of the cooperative pool.
            DispatchQueue(label: "http-stop")
                .async {
                    self.stop()
                    continuation.resume()
                }
        }
    }

    /// From now on every response closes its connection; connections are still accepted.
    package func beginDraining() { context.beginDraining() }

    /// Stops in steps, each with a time limit; blocks meanwhile.
    private func stop() {
        context.beginDraining()
        acceptor.refuse()
        let start = ContinuousClock.now
        while isBusy(after: ContinuousClock.now - start) { usleep(Self.turnMicroseconds) }
        context.closePages()
        for _ in 0..<Self.lastTurns where context.openExchanges > 0 {
            usleep(Self.turnMicroseconds)
        }
        acceptor.end()
    }

    /// Whether the stop must wait for responses, or for clients to close idle connections.
    private func isBusy(after elapsed: Duration) -> Bool {
        let configuration = context.configuration
        guard elapsed < configuration.stopDeadline else { return false }
        return context.openExchanges > 0
            || elapsed < configuration.idleGrace && context.connections.count > 0
    }

    /// Long enough for one loop iteration of each thread of the library.
    private static let turnMicroseconds: UInt32 = 10_000
    /// The number of such pauses for the responses that `PageRenderer.close()` sends.
    private static let lastTurns = 30
}

extension MicroHTTPServer {
    /// The version of libmicrohttpd that is loaded (MHD_get_version(3)).
    package static var libraryVersion: String {
        unsafe "libmicrohttpd/" + String(cString: MHD_get_version())
    }
}
