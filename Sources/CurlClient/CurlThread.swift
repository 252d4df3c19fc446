internal import DequeModule
import Glibc
import Synchronization

/// A thread that is an executor: it runs the jobs of one actor, and the actor's loop between them.
///
/// libcurl allows only one thread at a time to use a handle. The actor runs only on this thread, so
/// actor isolation, which the compiler checks, guarantees that. Tasks that the client hosts prefer
/// this thread and must not block it.
final class CurlThread: SerialExecutor, TaskExecutor {
    private struct Inbox {
        var jobs: Deque<UnownedJob> = []
        /// Whether the thread has been signalled, so that a burst of jobs costs one system call.
        var isSignalled = false
    }

    private let inbox = Mutex(Inbox())
    private let thread = Atomic<UInt>(0)
    private let hasEnded = Atomic(false)
    let wakeUp: WakeUp

    /// - Parameter wakeUp: Ends a wait of the loop.
    init(wakeUp: WakeUp) {
        self.wakeUp = wakeUp
    }

    /// Starts the thread, which calls `runOnce` repeatedly until `end`.
    ///
    /// - Parameter runOnce: Runs a loop iteration. It may wait, but not while `hasJobs`, and
    ///   `wakeUp` must end the wait. It returns false once its actor is being freed; then the
    ///   thread waits for the actor's last job, which calls `end`.
    /// - Throws: If the system cannot create a thread.
    func start(runOnce: @escaping @Sendable () -> Bool) throws(SystemError) {
        try startThread(named: "curl") {
            self.thread.store(UInt(pthread_self()), ordering: .releasing)
            self.runJobs()
            while !self.hasEnded.load(ordering: .relaxed) {
                if !runOnce() {
                    self.wakeUp.wait()
                }
                self.runJobs()
            }
        }
    }

    /// Ends the thread after the job that calls this.
    ///
    /// On the thread only.
    func end() {
        hasEnded.store(true, ordering: .relaxed)
    }

    func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        let isElsewhere = isIsolatingCurrentContext() == false
        let mustSignal = inbox.withLock { inbox in
            inbox.jobs.append(job)
            guard isElsewhere, !inbox.isSignalled else { return false }
            inbox.isSignalled = true
            return true
        }
        if mustSignal {
            wakeUp.signal()
        }
    }

    /// Whether jobs must run before the loop may wait.
    ///
    /// On the thread only.
    var hasJobs: Bool {
        inbox.withLock { !$0.jobs.isEmpty }
    }

    private func runJobs() {
        while let job = nextJob() {
            unsafe job.runSynchronously(
                isolatedTo: asUnownedSerialExecutor(),
                taskExecutor: asUnownedTaskExecutor()
            )
        }
    }

    private func nextJob() -> UnownedJob? {
        inbox.withLock { inbox in
            inbox.isSignalled = false
            return inbox.jobs.popFirst()
        }
    }

    func isIsolatingCurrentContext() -> Bool? {
        thread.load(ordering: .acquiring) == UInt(pthread_self())
    }

    func checkIsolated() {
        precondition(
            isIsolatingCurrentContext() == true,
            "only the client's thread may use its curl handles"
        )
    }
}
