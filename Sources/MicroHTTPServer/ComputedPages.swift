/// The queue of large pages: those that wait, the one that is being rendered, and their requests.
///
/// A value without threads and clocks: events in, actions out, which `PageRenderer` carries out.
/// One page is rendered at a time, first come first served. Each request is answered exactly once,
/// by its deadline:
///
///     asked ──▶ waiting ──its turn──▶ being rendered ──▶ answered with the page
///       │          ├───memory full by now───────────────▶ refused (backlog)
///       │          └───its deadline, rendered or not────▶ late
///       ├───a recent page with its key is being sent────▶ answered with that page
///       └───the queue or the memory is full─────────────▶ refused (busy, backlog)
///
/// A request joins a waiting page with its key, because rendering starts after the request. It
/// gets a page whose rendering started earlier, by at most `maxPageAge`, only while clients hold so
/// many bytes that separate pages would soon be refused.
struct ComputedPages {
    /// The inputs of a decision.
    struct Conditions {
        let now: ContinuousClock.Instant
        /// The bytes of all computed pages in memory.
        let heldBytes: Int
        /// A page from before draining does not close its connection, so it is not shared then.
        let isDraining: Bool
    }

    /// What the caller must do after an event.
    enum Action {
        /// Render a page, and report it by `rendered(_:in:)`.
        case render(ComputedPage)
        case answer([Exchange], with: Reply)
        /// Call `wake(in:)` at this moment.
        case wake(at: ContinuousClock.Instant)
    }

    /// How requests are answered.
    enum Reply {
        case page(Page)
        case refused(PageRefusal)
        case late
        case stopping
    }

    /// The decision about a request for a small page.
    enum SmallPage {
        case render
        case share(Page)
        case refuse(PageRefusal)
    }

    private let limits: Configuration
    private var isOpen = true
    /// Whether a `wake` action is pending.
    private var isWatched = false
    private var waiting: [PageJob] = []
    /// Kept even if all its requests are late, because rendering cannot be interrupted.
    private var rendering: (job: PageJob, began: ContinuousClock.Instant)?
    private var sent = SentPages()

    init(_ limits: Configuration) {
        self.limits = limits
    }

    /// A request asks for a large page.
    mutating func ask(
        _ page: ComputedPage,
        for exchange: Exchange,
        in conditions: Conditions
    ) -> [Action] {
        let deadline = conditions.now + limits.pageDeadline
        let waiter = PageJob.Waiter(exchange: exchange, deadline: deadline)
        guard isOpen else { return [.answer([exchange], with: .stopping)] }
        if let key = page.key {
            if let index = waiting.firstIndex(where: { $0.page.key == key }) {
                waiting[index].waiters.append(waiter)
                return []
            }
            if joinRendering(key, waiter, in: conditions) { return [] }
        }
        if let page = sentPage(for: page.key, in: conditions) {
            return [.answer([exchange], with: .page(page))]
        }
        guard hasRoom(in: conditions) else {
            return [.answer([exchange], with: .refused(.backlog))]
        }
        guard waiting.count + (rendering == nil ? 0 : 1) < limits.maxComputed else {
            return [.answer([exchange], with: .refused(.busy))]
        }
        waiting.append(PageJob(page: page, waiters: [waiter]))
        return advance(in: conditions)
    }

    /// Takes a rendered page; after `close()` it is dropped.
    mutating func rendered(_ page: Page, in conditions: Conditions) -> [Action] {
        var actions = answerLate(in: conditions)
        guard let ended = rendering else { return actions }
        rendering = nil
        if let key = ended.job.page.key { sent.note(page, for: key, began: ended.began) }
        actions += answer(ended.job.exchanges, with: .page(page))
        return actions + advance(in: conditions)
    }

    /// The time of a `wake` action has come.
    mutating func wake(in conditions: Conditions) -> [Action] {
        isWatched = false
        return advance(in: conditions)
    }

    /// Answers all requests, and refuses later ones.
    mutating func close() -> [Action] {
        isOpen = false
        let exchanges = (waiting + [rendering?.job].compactMap(\.self)).flatMap(\.exchanges)
        (waiting, rendering) = ([], nil)
        return answer(exchanges, with: .stopping)
    }

    /// A request asks for a small page.
    func askSmall(_ key: String?, in conditions: Conditions) -> SmallPage {
        if let page = sentPage(for: key, in: conditions) { return .share(page) }
        return hasRoom(in: conditions) ? .render : .refuse(.backlog)
    }

    /// A small page, whose rendering started at `began`, is about to be sent.
    mutating func sendSmall(_ page: Page, for key: String?, began: ContinuousClock.Instant) {
        if let key { sent.note(page, for: key, began: began) }
    }

    /// Answers the requests that are late, and starts the next page.
    private mutating func advance(in conditions: Conditions) -> [Action] {
        var actions = answerLate(in: conditions)
        while rendering == nil, !waiting.isEmpty {
            let job = waiting.removeFirst()
            if hasRoom(in: conditions) {
                rendering = (job, conditions.now)
                actions.append(.render(job.page))
            } else {
                actions.append(.answer(job.exchanges, with: .refused(.backlog)))
            }
        }
        let jobs = [rendering?.job].compactMap(\.self) + waiting
        if !isWatched, let deadline = jobs.compactMap({ $0.waiters.first?.deadline }).min() {
            isWatched = true
            actions.append(.wake(at: deadline))
        }
        return actions
    }

    private mutating func answerLate(in conditions: Conditions) -> [Action] {
        var late = rendering?.job.takeLate(at: conditions.now) ?? []
        for index in waiting.indices { late += waiting[index].takeLate(at: conditions.now) }
        waiting.removeAll { $0.exchanges.isEmpty }
        return answer(late, with: .late)
    }

    private func answer(_ exchanges: [Exchange], with reply: Reply) -> [Action] {
        exchanges.isEmpty ? [] : [.answer(exchanges, with: reply)]
    }

    private mutating func joinRendering(
        _ key: String,
        _ waiter: PageJob.Waiter,
        in conditions: Conditions
    ) -> Bool {
        guard let rendering, rendering.job.page.key == key, let age = allowedAge(in: conditions),
            conditions.now - rendering.began <= age
        else { return false }
        self.rendering?.job.waiters.append(waiter)
        return true
    }

    private func sentPage(for key: String?, in conditions: Conditions) -> Page? {
        guard let key, let age = allowedAge(in: conditions) else { return nil }
        return sent.page(for: key, noOlderThan: age, at: conditions.now)
    }

    /// How long before a request the rendering of its page may have started; nil if not at all.
    private func allowedAge(in conditions: Conditions) -> Duration? {
        conditions.heldBytes > limits.maxFreshBytes && !conditions.isDraining
            ? limits.maxPageAge : nil
    }

    /// Whether one more page may be rendered; at most that one exceeds the bound.
    private func hasRoom(in conditions: Conditions) -> Bool {
        conditions.heldBytes < limits.maxResponseBytes
    }
}
