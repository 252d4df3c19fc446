import Synchronization

/// The pages being computed, and those that wait for it: bounded, first come first served, each
/// with a deadline.
///
/// A connection is suspended only in here, under the lock, while this is open; whoever takes an
/// exchange out resumes it under the same lock. So after `close()` no connection is suspended and
/// none will be, which is what MHD_stop_daemon(3) asks for: it aborts the process otherwise.
final class ComputedPages: Sendable {
    /// A page to be computed.
    private struct Job {
        let exchange: Exchange
        let deadline: ContinuousClock.Instant
        let compute: @Sendable () async -> Response
    }

    private struct State {
        var isOpen = true
        var waiting: [Job] = []
        /// Exchanges whose pages are being computed; one whose page was late is gone from here,
        /// though its computation may not have noticed yet.
        var computing: [Exchange] = []
    }

    private let maxComputed: Int
    private let maxComputing: Int
    private let pageDeadline: Duration
    private let isDraining: @Sendable () -> Bool
    private let state = Mutex(State())

    init(_ configuration: Configuration, isDraining: @escaping @Sendable () -> Bool) {
        maxComputed = configuration.maxComputed
        maxComputing = configuration.maxComputing
        pageDeadline = configuration.pageDeadline
        self.isDraining = isDraining
    }

    /// Suspends the connection of the exchange and computes its page when its turn comes.
    ///
    /// False, and nothing done, if there are as many as there may be.
    func admit(
        _ exchange: Exchange,
        on connection: borrowing ConnectionHandle,
        compute: @escaping @Sendable () async -> Response
    ) -> Bool {
        let job = Job(exchange: exchange, deadline: .now + pageDeadline, compute: compute)
        let isAdmitted = state.withLock { state in
            let count = state.waiting.count + state.computing.count
            guard state.isOpen, count < maxComputed else { return false }
            exchange.wait(connection.suspend())
            state.waiting.append(job)
            return true
        }
        startNext()
        return isAdmitted
    }

    /// Answers whatever is here with a 503 and admits nothing more.
    func close() {
        let stopping = Page(.stopping, closing: true)
        state.withLock { state in
            state.isOpen = false
            for exchange in state.computing + state.waiting.map(\.exchange) {
                exchange.finish(stopping)
            }
            state.computing = []
            state.waiting = []
        }
    }

    /// Starts what may start.
    private func startNext() {
        let job: Job? = state.withLock { state in
            guard state.computing.count < maxComputing, !state.waiting.isEmpty else { return nil }
            let job = state.waiting.removeFirst()
            state.computing.append(job.exchange)
            return job
        }
        guard let job else { return }
        // Not a child of whoever serves: that one's cancellation must not cut a page off, and a
        // page that ignores its own must hold nobody up.
        Task { await compute(job) }
    }

    /// Computes a page against its deadline; what comes first is the answer.
    private func compute(_ job: Job) async {
        await withTaskGroup(of: Response?.self) { group in
            group.addTask { await job.compute() }
            group.addTask {
                do {
                    try await Task.sleep(until: job.deadline, clock: .continuous)
                    return .late
                } catch {
                    return nil  // The page was in time.
                }
            }
            for await case let response? in group {
                finish(job.exchange, with: response)
                group.cancelAll()
            }
        }
    }

    /// Answers the exchange, unless that was done already, and lets the next one start.
    private func finish(_ exchange: Exchange, with response: Response) {
        let page = Page(response, closing: isDraining())
        state.withLock { state in
            guard let index = state.computing.firstIndex(where: { $0 === exchange }) else { return }
            state.computing.remove(at: index)
            exchange.finish(page)
        }
        startNext()
    }
}
