internal import Dispatch
import Synchronization

/// The pages being computed, and those that wait for it: bounded, first come first served but
/// for short ones, shared where that is right, each request answered by its deadline.
///
/// A connection is suspended only in here, if its exchange has no page; whoever takes an exchange
/// out gives it one, and resumes it, under the lock. So after `close()` no connection is suspended
/// and none will be, which is what MHD_stop_daemon(3) asks for: it aborts the process otherwise.
final class ComputedPages: Sendable {
    private let configuration: Configuration
    private let counts: PageCounts
    private let isDraining: @Sendable () -> Bool
    private let queue = Mutex(PageQueue())
    /// Where deadlines are kept: not among the tasks, whose threads the pages keep busy.
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

    /// What became of a page that was to be computed.
    enum Admission {
        /// Nothing was done.
        case refused(PageRefusal)
        /// The exchange waits until the page is there.
        case waiting
        /// It is there already.
        case answered(Page)
    }

    /// Computes a page when its turn comes, or shares one, with the connection suspended; a short
    /// one at once and on this thread, as far as it has to wait for nothing.
    func admit(
        _ exchange: Exchange,
        _ page: ComputedPage
    ) -> Admission {
        let spot = page.isShort ? OnTheSpot() : nil
        if let refusal = enter(exchange, page, spot) {
            counts.refuse(for: refusal)
            return .refused(refusal)
        }
        spot?.run()
        // Whoever took the exchange out by now gave it a page: then nothing is suspended.
        return exchange.admit().map { .answered($0) } ?? .waiting
    }

    /// Answers whatever is here with a 503 and admits nothing more.
    func close() {
        let stopping = Page(.stopping, closing: true)
        queue.withLock { queue in
            for waiter in queue.close() { waiter.exchange.finish(stopping) }
        }
    }

    /// Lets an exchange wait for a page, and starts what may start; or says why not.
    private func enter(
        _ exchange: Exchange,
        _ page: ComputedPage,
        _ spot: OnTheSpot?
    ) -> PageRefusal? {
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
            let job = queue.job(page, for: waiter)
            if let spot { start(job, on: spot, in: &queue) } else { queue.append(job) }
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
        while queue.computing.count < configuration.maxComputing, let job = queue.takeNext() {
            if hasRoom {
                start(job, on: globalConcurrentExecutor, in: &queue)
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

    /// Starts a task that is no child of whoever serves: that one's cancellation must not cut a
    /// page off, and a page that ignores its own must hold nobody up.
    ///
    /// It always prefers an executor: a task that does not, and finds an actor busy, goes on on the
    /// thread that was in there, which may be one that serves.
    private func start(_ job: PageJob, on executor: any TaskExecutor, in queue: inout PageQueue) {
        let task = Task(executorPreference: executor) { [self, id = job.id] in
            finish(id, with: await job.page.compute())
        }
        queue.begin(.init(job: job, task: task, began: .now))
    }

    /// Answers those that wait for a page that has been computed, and lets the next one start.
    private func finish(_ id: Int, with response: Response) {
        let page = Page(response, closing: isDraining(), counts: counts)
        queue.withLock { queue in
            answerLate(&queue, at: .now)
            // Not if the server stops: then they are answered already.
            guard let ended = queue.end(id) else { return }
            for waiter in ended.job.waiters { waiter.exchange.finish(page) }
            queue.send(page, of: ended)
            advance(&queue)
        }
    }
}
