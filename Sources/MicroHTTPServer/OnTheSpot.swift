import Synchronization

/// Runs a task on the thread that started it, until it has to wait for something; from then on it
/// goes on like any other.
final class OnTheSpot: TaskExecutor {
    private struct State {
        var jobs: [UnownedJob] = []
        /// Until the thread finds nothing to do and leaves.
        var isOpen = true
    }

    private let state = Mutex(State())

    func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        let isTaken = state.withLock { state in
            if state.isOpen { state.jobs.append(job) }
            return state.isOpen
        }
        if !isTaken { globalConcurrentExecutor.enqueue(ExecutorJob(job)) }
    }

    /// Runs what there is to run, and all that comes of it; once.
    func run() {
        while let job = next() { unsafe job.runSynchronously(on: asUnownedTaskExecutor()) }
    }

    private func next() -> UnownedJob? {
        state.withLock { state in
            state.isOpen = !state.jobs.isEmpty
            return state.isOpen ? state.jobs.removeFirst() : nil
        }
    }
}
