/// What waits to be computed, what is being computed, and what is being sent.
struct PageQueue {
    /// A page being computed.
    struct Computation {
        var job: PageJob
        let task: Task<Void, Never>
        let began: ContinuousClock.Instant
        /// Whether nobody waits for it any more, and it was told to stop.
        var isAbandoned = false
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
    /// Abandoned ones as well, until they have come to their end: one that does not stop at once
    /// keeps a core busy all the same.
    private(set) var computing: [Computation] = []
    private var sent = SentPages()
    private var lastID = 0

    /// Pages that wait or are computed, whoever waits for them.
    var count: Int { waiting.count + computing.count }

    /// The next moment at which somebody is answered in any case.
    var deadline: ContinuousClock.Instant? {
        (waiting + computing.map(\.job)).compactMap(\.deadline).min()
    }

    /// Makes a job of a page for its first waiter.
    mutating func job(_ page: ComputedPage, for waiter: PageJob.Waiter) -> PageJob {
        lastID += 1
        return PageJob(id: lastID, page, for: waiter)
    }

    /// Puts a job behind those that wait.
    mutating func append(_ job: PageJob) { waiting.append(job) }

    /// Takes out the job whose turn it is.
    mutating func takeNext() -> PageJob? { waiting.isEmpty ? nil : waiting.removeFirst() }

    /// Takes note of a computation that has begun.
    mutating func begin(_ computation: Computation) { computing.append(computation) }

    /// Takes out a computation that has come to its end; nil if it was taken out before.
    mutating func end(_ id: Int) -> Computation? {
        computing.firstIndex { $0.job.id == id }.map { computing.remove(at: $0) }
    }

    /// Takes note of a page that goes out to those that waited for it.
    mutating func send(_ page: Page, of ended: Computation) {
        guard let key = ended.job.page.key else { return }
        sent.note(page, for: key, began: ended.began)
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
        let begun = computing.firstIndex {
            $0.job.page.key == key && !$0.isAbandoned && now - $0.began <= age
        }
        if let begun {
            computing[begun].job.join(waiter)
            return .joined
        }
        return sent.page(for: key, noOlderThan: age, at: now).map { .ready($0) }
    }

    /// Takes out those whose deadline has passed, and gives up the pages that nobody waits for.
    mutating func takeLate(at now: ContinuousClock.Instant) -> [PageJob.Waiter] {
        guard let deadline, deadline <= now else { return [] }
        var late: [PageJob.Waiter] = []
        for index in waiting.indices { late += waiting[index].takeLate(at: now) }
        waiting.removeAll { $0.waiters.isEmpty }
        for index in computing.indices where !computing[index].isAbandoned {
            late += computing[index].job.takeLate(at: now)
            guard computing[index].job.waiters.isEmpty else { continue }
            computing[index].isAbandoned = true
            computing[index].task.cancel()
        }
        return late
    }

    /// Takes out everything, and tells what is computed to stop.
    mutating func close() -> [PageJob.Waiter] {
        isOpen = false
        for computation in computing { computation.task.cancel() }
        defer { (waiting, computing) = ([], []) }
        return (waiting + computing.map(\.job)).flatMap(\.waiters)
    }
}
