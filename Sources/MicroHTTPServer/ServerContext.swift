import Synchronization
internal import Trust

/// The state that the threads of one server share; lives as long as its daemon.
final class ServerContext: Sendable {
    let configuration: Configuration
    let connections: Connections
    let pages: PageRenderer
    /// Renders pages that read a disk, which may hang.
    let diskPages: PageRenderer
    let report: @Sendable (ListenerEvent) -> Void
    let access: AccessControl
    private let handler: any Handler
    private let log: @Sendable (String) -> Void
    private let observe: @Sendable (String, Int) -> Void
    private let allowance = Mutex(LogAllowance())
    private let open = Atomic(0)
    private let methodNotAllowed = Page(.methodNotAllowed)
    private let backlog = Page(.refused(.backlog))
    private let refusals: [Refusal.Cause: Page] = Refusal.Cause.allCases
        .reduce(into: [:]) { $0[$1] = Page(.refusal($1)) }

    init(
        _ configuration: Configuration,
        handler: any Handler,
        access: AccessControl = AccessControl(),
        pages: PageCounts = PageCounts(),
        counts: ListenerCounts = ListenerCounts(),
        log: @escaping @Sendable (String) -> Void = { _ in },
        report: @escaping @Sendable (ListenerEvent) -> Void = { _ in },
        observe: @escaping @Sendable (String, Int) -> Void = { _, _ in }
    ) {
        self.configuration = configuration
        (self.handler, self.access) = (handler, access)
        (self.log, self.report, self.observe) = (log, report, observe)
        connections = Connections(
            configuration,
            access: configuration.minimumTLS == nil ? nil : access,
            counts: counts
        )
        self.pages = PageRenderer(configuration, counts: pages)
        diskPages = PageRenderer(configuration, counts: pages)
    }

    /// The scheme of the URLs that are served.
    var scheme: String { configuration.minimumTLS == nil ? "http" : "https" }

    /// Exchanges whose head is complete and whose response is not sent completely.
    var openExchanges: Int { open.load(ordering: .relaxed) }

    /// Logs a line of the library, unless there are too many, or it only reports a closed
    /// connection, which is counted and is not an error.
    func log(_ line: String) {
        if Self.endings.contains(where: line.hasPrefix) { return }
        if let line = allowance.withLock({ $0.admit(line, at: .now) }) { log(line) }
    }

    /// From now on every response closes its connection.
    func beginDraining() {
        pages.beginDraining()
        diskPages.beginDraining()
    }

    /// Answers all requests that wait for a page, and later ones, with a 503.
    func closePages() {
        pages.close()
        diskPages.close()
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
        let head = connection.head(target)
        let fault = head.fault(isHTTP10: connection.isHTTP10)
        if fault == nil, !connection.isGetOrHead {
            return queue(methodNotAllowed, for: exchange, on: connection)
        }
        if let fault = fault ?? head.fault(ofGetFor: exchange.destination) {
            return queue(Page(.refusal(fault)), for: exchange, on: connection)
        }
        guard pages.isDraining,
            case .page(let page) = decide(exchange, on: connection)
        else { return true }
        return queue(page, for: exchange, on: connection)
    }

    /// Answers a complete request, also after a suspension; false drops the connection.
    func proceed(_ exchange: Exchange, on connection: borrowing ConnectionHandle) -> Bool {
        switch exchange.proceed(on: connection) {
        case .answer: return answer(exchange, on: connection)
        case .send(let page): return queue(page, for: exchange, on: connection)
        case .wait: return true
        }
    }

    /// An exchange has ended, successfully or not.
    func end() { open.subtract(1, ordering: .relaxed) }

    private func answer(_ exchange: Exchange, on connection: borrowing ConnectionHandle) -> Bool {
        switch decide(exchange, on: connection) {
        case .page(let page): return queue(page, for: exchange, on: connection)
        case .rendered(let key, let render):
            let page = pages.render(ComputedPage(key: key, render: render))
            // The exchange holds the page until it is sent.
            if let page { exchange.finish(page) }
            return queue(page ?? backlog, for: exchange, on: connection)
        case .queued(let key, let readsDisk, let render):
            let pages = readsDisk ? diskPages : pages
            pages.admit(exchange, ComputedPage(key: key, render: render))
            return true
        }
    }

    /// The answer of the handler, or a refusal.
    private func decide(_ exchange: Exchange, on connection: borrowing ConnectionHandle) -> Answer {
        guard access.isClosed, !access.isOpen(exchange.destination.path),
            let refusal = refusal(of: exchange, on: connection), let page = refusals[refusal.cause]
        else { return handler.answer(connection.request(to: exchange.destination)) }
        connections.counts.note(refusal.cause)
        if let omitted = access.omittedBeforeThis() {
            report(
                .refused(
                    refusal,
                    path: exchange.destination.path,
                    client: connection.client ?? "",
                    omitted: omitted
                )
            )
        }
        return .page(page)
    }

    private func refusal(
        of exchange: Exchange,
        on connection: borrowing ConnectionHandle
    ) -> Refusal? {
        let checked = access.refusal(on: connection, of: exchange.connection)
        if checked.isTokenExposed { report(.tokenWithoutTLS) }
        return checked.refusal
    }

    private func queue(
        _ page: Page,
        for exchange: Exchange,
        on connection: borrowing ConnectionHandle
    ) -> Bool {
        observe(exchange.destination.path, page.status)
        return page.queue(on: connection)
    }

    /// Prefixes of the lines that only report a closed connection.
    private static let endings = [
        "Connection socket is closed when reading", "Connection was closed by remote side",
        "Socket has been disconnected when reading", "Failed to send",
    ]
}
