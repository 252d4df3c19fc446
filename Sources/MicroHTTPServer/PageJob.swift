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

    /// Tells it from the others of its server.
    let id: Int
    let page: ComputedPage
    /// In the order of their deadlines.
    private(set) var waiters: [Waiter]

    init(id: Int, _ page: ComputedPage, for waiter: Waiter) {
        self.id = id
        self.page = page
        waiters = [waiter]
    }

    /// The first of the deadlines; nil if nobody waits any more.
    var deadline: ContinuousClock.Instant? { waiters.first?.deadline }

    /// Lets one more exchange have the page.
    mutating func join(_ waiter: Waiter) { waiters.append(waiter) }

    /// Takes out those whose deadline has passed.
    mutating func takeLate(at now: ContinuousClock.Instant) -> [Waiter] {
        let late = Array(waiters.prefix { $0.deadline <= now })
        waiters.removeFirst(late.count)
        return late
    }
}
