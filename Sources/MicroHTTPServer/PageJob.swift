/// A page that is rendered for a request, as the handler describes it.
struct ComputedPage: Sendable {
    /// What is asked for: requests with one key may get one page; nil if each gets its own.
    let key: String?
    let render: @Sendable () -> Response
}

/// A page to be rendered, and the exchanges that get it.
struct PageJob {
    /// One exchange, and the moment at which it is answered in any case.
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

    /// The first of the deadlines; nil if nobody waits any more.
    var deadline: ContinuousClock.Instant? { waiters.first?.deadline }

    /// Lets one more exchange have the page.
    mutating func join(_ waiter: Waiter) { waiters.append(waiter) }

    /// Takes out the exchanges whose deadline has passed.
    mutating func takeLate(at now: ContinuousClock.Instant) -> [Exchange] {
        let late = waiters.prefix { $0.deadline <= now }
        waiters.removeFirst(late.count)
        return late.map(\.exchange)
    }
}
