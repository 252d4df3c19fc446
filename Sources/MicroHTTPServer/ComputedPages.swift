internal import Dispatch
import Synchronization

/// The pages that are rendered for a request: small ones on the thread that serves, large ones on
/// a thread of their own, one at a time, first come first served.
///
/// The queue is bounded, pages are shared where that is right, and each request is answered by its
/// deadline. A connection is suspended only in here, if its exchange has no page; whoever takes an
/// exchange out gives it one, and resumes it, under the lock. So after `close()` no connection is
/// suspended and none will be, which is what MHD_stop_daemon(3) asks for: it aborts the process
/// otherwise.
final class ComputedPages: Sendable {
    private let configuration: Configuration
    private let counts: PageCounts
    private let isDraining: @Sendable () -> Bool
    private let queue = Mutex(PageQueue())
    /// Renders large pages, one at a time: each keeps a core busy, and the pulls need the others.
    private let renderer = DispatchQueue(label: "http-pages")
    /// Where deadlines are kept, whatever is being rendered.
    private let watch = DispatchQueue(label: "http-late")

    init(
        _ configuration: Configuration,
        counts: PageCounts,
        isDraining: @escaping @Sendable () -> Bool
    ) {
        self.configuration = configuration
        self.counts = counts
        self.isDraining = isDraining
    }

    /// Renders a small page on this thread, or shares one that is being sent; nil if clients hold
    /// as many bytes as they may.
    func render(_ page: ComputedPage) -> Page? {
        let now = ContinuousClock.now
        let shared = allowedAge.flatMap { age in
            queue.withLock { $0.sentPage(for: page.key, noOlderThan: age, at: now) }
        }
        if let shared { return shared }
        guard hasRoom else {
            counts.refuse(for: .backlog)
            return nil
        }
        let rendered = Page(page.render(), closing: isDraining(), counts: counts)
        queue.withLock { $0.send(rendered, for: page.key, began: now) }
        return rendered
    }

    /// Lets an exchange wait until a large page is rendered, or for one that it shares; else says
    /// why not.
    func admit(_ exchange: Exchange, _ page: ComputedPage) -> PageRefusal? {
        exchange.admit()
        let refusal = enter(exchange, page)
        if let refusal { counts.refuse(for: refusal) }
        return refusal
    }

    /// Answers whatever is here with a 503 and admits nothing more.
    func close() {
        let stopping = Page(.stopping, closing: true)
        queue.withLock { queue in
            for waiter in queue.close() { waiter.exchange.finish(stopping) }
        }
    }

    /// Lets an exchange wait for a page, and starts what may start; or says why not.
    private func enter(_ exchange: Exchange, _ page: ComputedPage) -> PageRefusal? {
        queue.withLock { queue in
            guard queue.isOpen else { return .busy }
            let now = ContinuousClock.now
            let deadline = now + configuration.pageDeadline
            let waiter = PageJob.Waiter(exchange: exchange, deadline: deadline)
            let share = page.key.flatMap {
                queue.share($0, with: waiter, at: now, noOlderThan: allowedAge)
            }
            switch share {
            case .joined: return nil
            case .ready(let page):
                exchange.finish(page)
                return nil
            case nil: break
            }
            if !hasRoom { return .backlog }
            guard queue.count < configuration.maxComputed else { return .busy }
            queue.append(page, for: waiter)
            advance(&queue)
            return nil
        }
    }

    /// How long before a request the computation of its page may have begun; nil if not at all.
    ///
    /// A page says what was so when its computation began. So a request gets one that began before
    /// it only while clients hold so many bytes that a page for each would soon be refused. A
    /// page from before draining does not close its connection, so it is not shared then.
    private var allowedAge: Duration? {
        counts.heldBytes > configuration.maxFreshBytes && !isDraining()
            ? configuration.maxPageAge : nil
    }

    /// Whether one more page may be computed: then at most that one goes beyond the bound.
    private var hasRoom: Bool { counts.heldBytes < configuration.maxResponseBytes }

    /// Answers those that are late, starts what may start, and watches for the next deadline.
    private func advance(_ queue: inout PageQueue) {
        let now = ContinuousClock.now
        answerLate(&queue, at: now)
        while queue.computing == nil, let job = queue.takeNext() {
            if hasRoom {
                start(job, in: &queue)
            } else {
                refuse(job)
            }
        }
        guard !queue.isWatched, let deadline = queue.deadline else { return }
        queue.isWatched = true
        let wait = max(deadline - now, .milliseconds(1)) / .nanoseconds(1)
        watch.asyncAfter(deadline: .now() + .nanoseconds(Int(wait))) { [weak self] in
            self?.queue
                .withLock { queue in
                    queue.isWatched = false
                    self?.advance(&queue)
                }
        }
    }

    private func answerLate(_ queue: inout PageQueue, at now: ContinuousClock.Instant) {
        let waiters = queue.takeLate(at: now)
        guard !waiters.isEmpty else { return }
        let late = Page(.late, closing: isDraining())
        for waiter in waiters { waiter.exchange.finish(late) }
    }

    /// Answers those that wait for a page that may not be computed, since room went meanwhile.
    private func refuse(_ job: PageJob) {
        let page = Page(.refused(.backlog), closing: isDraining())
        for waiter in job.waiters {
            counts.refuse(for: .backlog)
            waiter.exchange.finish(page)
        }
    }

    private func start(_ job: PageJob, in queue: inout PageQueue) {
        queue.begin(.init(job: job, began: .now))
        renderer.async { [self] in finish(job.id, with: job.page.render()) }
    }

    /// Answers those that wait for a page that has been computed, and lets the next one start.
    private func finish(_ id: Int, with response: Response) {
        let page = Page(response, closing: isDraining(), counts: counts)
        queue.withLock { queue in
            answerLate(&queue, at: .now)
            // Not if the server stops: then they are answered already.
            guard let ended = queue.end(id) else { return }
            for waiter in ended.job.waiters { waiter.exchange.finish(page) }
            queue.send(page, for: ended.job.page.key, began: ended.began)
            advance(&queue)
        }
    }
}
