import Synchronization

/// The state that the callbacks of one server share; lives as long as its daemon.
final class ServerContext: Sendable {
    let pages: PageRenderer
    let connections: Connections
    private let handler: any Handler
    private let log: @Sendable (String) -> Void
    private let observe: @Sendable (String, Int) -> Void
    private let allowance = Mutex(LogAllowance())
    private let draining: DrainingFlag
    private let open = Atomic(0)
    private let methodNotAllowed = Page(.methodNotAllowed)
    private let backlog = Page(.refused(.backlog))

    init(
        _ configuration: Configuration,
        connections: Connections,
        handler: any Handler,
        counts: PageCounts,
        log: @escaping @Sendable (String) -> Void,
        observe: @escaping @Sendable (String, Int) -> Void
    ) {
        let draining = DrainingFlag()
        self.draining = draining
        self.connections = connections
        self.handler = handler
        self.log = log
        self.observe = observe
        pages = PageRenderer(configuration, counts: counts, isDraining: { draining.isSet })
    }

    /// Exchanges whose head is complete and whose response is not sent completely.
    var openExchanges: Int {
        open.load(ordering: .relaxed)
    }

    /// From now on every response closes its connection.
    func beginDraining() {
        draining.set()
    }

    /// Logs a line of the library, unless there are too many, or it only reports a closed
    /// connection, which is counted and is not an error.
    func log(_ line: String) {
        if Self.endings.contains(where: line.hasPrefix) { return }
        if let line = allowance.withLock({ $0.admit(line, at: .now) }) { log(line) }
    }

    /// Refuses a complete head, or leaves it for `proceed`; false drops the connection.
    ///
    /// A response sent here, before the request is complete, has `Connection: close`, closes the
    /// connection and leaves a body unread. That is correct for refusals and, while draining, for
    /// ready pages; a computed page has the header itself. Other responses sent here would cost
    /// one connection per request.
    func begin(
        _ exchange: Exchange,
        for target: Target,
        on connection: borrowing ConnectionHandle
    ) -> Bool {
        open.add(1, ordering: .relaxed)
        if let refusal = refusal(of: target, for: exchange.destination, on: connection) {
            return queue(refusal, for: exchange, on: connection)
        }
        guard draining.isSet,
            case .page(let page) = handler.answer(request(exchange, on: connection))
        else { return true }
        return queue(page, for: exchange, on: connection)
    }

    /// The request is complete, or its connection was resumed; false drops the connection.
    func proceed(_ exchange: Exchange, on connection: borrowing ConnectionHandle) -> Bool {
        switch exchange.proceed(on: connection) {
        case .answer: return answer(exchange, on: connection)
        case .send(let page): return queue(page, for: exchange, on: connection)
        case .wait: return true
        }
    }

    /// An exchange has ended, successfully or not.
    func end() {
        open.subtract(1, ordering: .relaxed)
    }

    private func refusal(
        of target: Target,
        for destination: Destination,
        on connection: borrowing ConnectionHandle
    ) -> Page? {
        let head = connection.head(target)
        if let fault = head.fault(isHTTP10: connection.isHTTP10) { return Page(.refusal(fault)) }
        if connection.method == nil { return methodNotAllowed }
        return head.fault(ofGetFor: destination).map { Page(.refusal($0)) }
    }

    private func request(
        _ exchange: Exchange,
        on connection: borrowing ConnectionHandle
    ) -> Request {
        let destination = exchange.destination
        var request = Request(
            method: connection.method ?? .get,
            path: destination.path,
            accept: connection.accept,
            host: destination.authority ?? connection.host
        )
        request.socket = connection.socket
        return request
    }

    private func answer(_ exchange: Exchange, on connection: borrowing ConnectionHandle) -> Bool {
        switch handler.answer(request(exchange, on: connection)) {
        case .page(let page): return queue(page, for: exchange, on: connection)
        case .rendered(let key, let render):
            guard let page = pages.render(ComputedPage(key: key, render: render)) else {
                return queue(backlog, for: exchange, on: connection)
            }
            // The exchange holds the page until it is sent.
            exchange.finish(page)
            return queue(page, for: exchange, on: connection)
        case .queued(let key, let render):
            pages.admit(exchange, ComputedPage(key: key, render: render))
            return true
        }
    }

    /// Prefixes of the lines that only report a closed connection.
    private static let endings = [
        "Connection socket is closed when reading", "Connection was closed by remote side",
        "Socket has been disconnected when reading", "Failed to send",
    ]

    private func queue(
        _ page: Page,
        for exchange: Exchange,
        on connection: borrowing ConnectionHandle
    ) -> Bool {
        observe(exchange.destination.path, page.status)
        return page.queue(on: connection)
    }
}

/// Set once, read from many threads.
final class DrainingFlag: Sendable {
    private let flag = Atomic(false)

    var isSet: Bool { flag.load(ordering: .relaxed) }

    func set() { flag.store(true, ordering: .relaxed) }
}
