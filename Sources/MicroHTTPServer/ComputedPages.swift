internal import Dispatch
import Synchronization

/// The pages being computed, and those that wait for it: bounded, first come first served but
/// for short ones, each with a deadline.
///
/// A connection is suspended only in here, if its exchange has no page; whoever takes an exchange
/// out gives it one, and resumes it, under the lock. So after `close()` no connection is suspended
/// and none will be, which is what MHD_stop_daemon(3) asks for: it aborts the process otherwise.
final class ComputedPages: Sendable {
    /// A page to be computed.
    private struct Job {
        let exchange: Exchange
        let deadline: ContinuousClock.Instant
        let compute: @Sendable () async -> Response
    }

    /// A page being computed.
    private struct Computation {
        let job: Job
        let task: Task<Void, Never>
        /// Whether its deadline passed: its client was answered, and it was told to stop.
        var isLate = false
    }

    private struct State {
        var isOpen = true
        /// In the order of their deadlines.
        var waiting: [Job] = []
        /// Late ones as well, until they have come to their end: one that does not stop at once
        /// keeps a core busy all the same.
        var computing: [Computation] = []
        /// Whether the next deadline is watched for.
        var isWatched = false

        var nextDeadline: ContinuousClock.Instant? {
            let running = computing.lazy.filter { !$0.isLate }.map(\.job.deadline)
            return [waiting.first?.deadline, running.min()].compactMap(\.self).min()
        }
    }

    private let maxComputed: Int
    private let maxComputing: Int
    private let pageDeadline: Duration
    private let isDraining: @Sendable () -> Bool
    private let state = Mutex(State())
    /// Where deadlines are kept: not among the tasks, whose threads the pages keep busy.
    private let watch = DispatchQueue(label: "http-late")

    init(_ configuration: Configuration, isDraining: @escaping @Sendable () -> Bool) {
        maxComputed = configuration.maxComputed
        maxComputing = configuration.maxComputing
        pageDeadline = configuration.pageDeadline
        self.isDraining = isDraining
    }

    /// What became of a page that was to be computed.
    enum Admission {
        /// There are as many as there may be; nothing was done.
        case refused
        /// The connection is suspended until the page is there.
        case suspended
        /// It is there already.
        case answered(Page)
    }

    /// Computes a page when its turn comes, with the connection suspended; a short one at once and
    /// on this thread, as far as it has to wait for nothing.
    func admit(
        _ exchange: Exchange,
        on connection: borrowing ConnectionHandle,
        isShort: Bool,
        compute: @escaping @Sendable () async -> Response
    ) -> Admission {
        let spot = isShort ? OnTheSpot() : nil
        let isAdmitted = state.withLock { state in
            let count = state.waiting.count + state.computing.count
            guard state.isOpen, count < maxComputed else { return false }
            let job = Job(exchange: exchange, deadline: .now + pageDeadline, compute: compute)
            if let spot { start(job, on: spot, in: &state) } else { state.waiting.append(job) }
            advance(&state)
            return true
        }
        guard isAdmitted else { return .refused }
        spot?.run()
        // Whoever took the exchange out by now gave it a page: then nothing is suspended.
        return exchange.wait(on: connection).map { .answered($0) } ?? .suspended
    }

    /// Answers whatever is here with a 503 and admits nothing more.
    func close() {
        let stopping = Page(.stopping, closing: true)
        state.withLock { state in
            state.isOpen = false
            for job in state.computing.map(\.job) + state.waiting { job.exchange.finish(stopping) }
            for computation in state.computing { computation.task.cancel() }
            state.computing = []
            state.waiting = []
        }
    }

    /// Answers those that are late, starts what may start, and watches for the next deadline.
    private func advance(_ state: inout State) {
        let now = ContinuousClock.now
        // One that waited until its deadline is not computed: nobody would read it.
        while let job = state.waiting.first, job.deadline <= now {
            state.waiting.removeFirst()
            job.exchange.finish(late)
        }
        for index in state.computing.indices {
            let computation = state.computing[index]
            guard !computation.isLate, computation.job.deadline <= now else { continue }
            state.computing[index].isLate = true
            computation.job.exchange.finish(late)
            computation.task.cancel()
        }
        while state.computing.count < maxComputing, !state.waiting.isEmpty {
            start(state.waiting.removeFirst(), on: globalConcurrentExecutor, in: &state)
        }
        guard !state.isWatched, let deadline = state.nextDeadline else { return }
        state.isWatched = true
        let wait = max(deadline - now, .milliseconds(1)) / .nanoseconds(1)
        watch.asyncAfter(deadline: .now() + .nanoseconds(Int(wait))) { [weak self] in
            self?.state
                .withLock { state in
                    state.isWatched = false
                    self?.advance(&state)
                }
        }
    }

    /// Starts a task that is no child of whoever serves: that one's cancellation must not cut a
    /// page off, and a page that ignores its own must hold nobody up.
    ///
    /// It always prefers an executor: a task that does not, and finds an actor busy, goes on on the
    /// thread that was in there, which may be one that serves.
    private func start(_ job: Job, on executor: any TaskExecutor, in state: inout State) {
        let task = Task(executorPreference: executor) { [self] in
            finish(job, with: await job.compute())
        }
        state.computing.append(Computation(job: job, task: task))
    }

    /// Answers a page that has been computed, and lets the next one start.
    private func finish(_ job: Job, with response: Response) {
        let page = job.deadline > .now ? Page(response, closing: isDraining()) : late
        state.withLock { state in
            state.computing.removeAll { $0.job.exchange === job.exchange }
            // Not if it was late, or the server stops: then it is answered already.
            job.exchange.finish(page)
            advance(&state)
        }
    }

    private var late: Page { Page(.late, closing: isDraining()) }
}
