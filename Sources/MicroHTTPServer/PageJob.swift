/// A page that is rendered for a request, as the handler describes it.
struct ComputedPage: Sendable {
    /// Requests with equal keys may share a page; nil if each gets its own.
    let key: String?
    let render: @Sendable () -> Response
}

/// A page to be rendered, and the exchanges that get it.
struct PageJob {
    struct Waiter {
        let exchange: Exchange
        let deadline: ContinuousClock.Instant
    }

    let page: ComputedPage
    /// In the order of their deadlines.
    var waiters: [Waiter]

    var exchanges: [Exchange] { waiters.map(\.exchange) }

    /// Removes and returns the exchanges whose deadline has passed.
    mutating func takeLate(at now: ContinuousClock.Instant) -> [Exchange] {
        let late = waiters.prefix { $0.deadline <= now }
        waiters.removeFirst(late.count)
        return late.map(\.exchange)
    }
}
