/// A page that is rendered for a request, as the handler describes it.
struct ComputedPage: Sendable {
    /// Requests with equal keys may share a page; nil if each gets its own.
    let key: String?
    let render: @Sendable () -> Response
}

/// A page to be rendered, and the exchanges that get it.
struct PageJob {
    /// One exchange, and the deadline of its response.
    struct Waiter {
        let exchange: Exchange
        let deadline: ContinuousClock.Instant
    }

    let page: ComputedPage
    /// In the order of their deadlines.
    private var waiters: [Waiter]

    init(_ page: ComputedPage, for waiter: Waiter) {
        self.page = page
        waiters = [waiter]
    }

    var exchanges: [Exchange] { waiters.map(\.exchange) }

    /// The earliest deadline; nil if no exchange waits.
    var deadline: ContinuousClock.Instant? { waiters.first?.deadline }

    /// Adds an exchange that gets the page.
    mutating func join(_ waiter: Waiter) { waiters.append(waiter) }

    /// Removes and returns the exchanges whose deadline has passed.
    mutating func takeLate(at now: ContinuousClock.Instant) -> [Exchange] {
        let late = waiters.prefix { $0.deadline <= now }
        waiters.removeFirst(late.count)
        return late.map(\.exchange)
    }
}
