/// What waits to be computed, what is being computed, and what is being sent.
struct PageQueue {
    /// A page being computed.
    struct Computation {
        var job: PageJob
        let began: ContinuousClock.Instant
    }

    /// A page that a request may share with others.
    enum Share {
        /// It joined those that wait for it.
        case joined
        case ready(Page)
    }

    var isOpen = true
    /// Whether the next deadline is watched for.
    var isWatched = false
    /// First come first served.
    private(set) var waiting: [PageJob] = []
    /// It goes on when nobody waits for it any more: rendering cannot be interrupted.
    private(set) var computing: Computation?
    private var sent = SentPages()
    private var lastID = 0

    /// Pages that wait or are computed, whoever waits for them.
    var count: Int { waiting.count + (computing == nil ? 0 : 1) }

    /// The next moment at which somebody is answered in any case.
    var deadline: ContinuousClock.Instant? {
        ([computing?.job].compactMap(\.self) + waiting).compactMap(\.deadline).min()
    }

    /// Puts a page with its first waiter behind those that wait.
    mutating func append(_ page: ComputedPage, for waiter: PageJob.Waiter) {
        lastID += 1
        waiting.append(PageJob(id: lastID, page, for: waiter))
    }

    /// Takes out the job whose turn it is.
    mutating func takeNext() -> PageJob? { waiting.isEmpty ? nil : waiting.removeFirst() }

    /// Takes note of a computation that has begun.
    mutating func begin(_ computation: Computation) { computing = computation }

    /// Takes out a computation that has come to its end; nil if it was taken out before.
    mutating func end(_ id: Int) -> Computation? {
        computing?.job.id == id ? computing.take() : nil
    }

    /// Takes note of a page that is sent, and whose rendering began at a moment.
    mutating func send(_ page: Page, for key: String?, began: ContinuousClock.Instant) {
        if let key { sent.note(page, for: key, began: began) }
    }

    /// A page that is being sent, and whose rendering began no longer ago than `age`.
    func sentPage(
        for key: String?,
        noOlderThan age: Duration,
        at now: ContinuousClock.Instant
    ) -> Page? {
        key.flatMap { sent.page(for: $0, noOlderThan: age, at: now) }
    }

    /// Lets a request join a computation that has not begun, or share one that began no longer ago
    /// than `age`; nil if there is none for it.
    mutating func share(
        _ key: String,
        with waiter: PageJob.Waiter,
        at now: ContinuousClock.Instant,
        noOlderThan age: Duration?
    ) -> Share? {
        if let index = waiting.firstIndex(where: { $0.page.key == key }) {
            waiting[index].join(waiter)
            return .joined
        }
        guard let age else { return nil }
        if let computing, computing.job.page.key == key, now - computing.began <= age {
            self.computing?.job.join(waiter)
            return .joined
        }
        return sentPage(for: key, noOlderThan: age, at: now).map { .ready($0) }
    }

    /// Takes out those whose deadline has passed, and the pages that nobody waits for any more.
    mutating func takeLate(at now: ContinuousClock.Instant) -> [PageJob.Waiter] {
        guard let deadline, deadline <= now else { return [] }
        var late: [PageJob.Waiter] = []
        for index in waiting.indices { late += waiting[index].takeLate(at: now) }
        waiting.removeAll { $0.waiters.isEmpty }
        return late + (computing?.job.takeLate(at: now) ?? [])
    }

    /// Takes out everything.
    mutating func close() -> [PageJob.Waiter] {
        isOpen = false
        defer { (waiting, computing) = ([], nil) }
        return (waiting + [computing?.job].compactMap(\.self)).flatMap(\.waiters)
    }
}
