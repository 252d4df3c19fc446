internal import DequeModule
import Glibc
import Synchronization

/// A thread that is an executor: it runs the jobs of one actor, and that actor's loop between them
/// or within one that waits.
///
/// libcurl asks that a handle be used by one thread at a time. The actor that has this executor
/// runs nowhere else, so isolation, which the compiler checks, is that confinement. A task that the
/// client hosts prefers this thread as well, and must not block it.
final class CurlThread: SerialExecutor, TaskExecutor {
    private struct Inbox {
        var jobs: Deque<UnownedJob> = []
        /// Whether a signal is on its way; so that a burst of jobs costs one system call.
        var isSignalled = false
    }

    private let inbox = Mutex(Inbox())
    private let thread = Atomic<UInt>(0)
    private let hasEnded = Atomic(false)
    let wakeUp: WakeUp

    /// - Parameter wakeUp: What ends a wait of the loop.
    init(wakeUp: WakeUp) {
        self.wakeUp = wakeUp
    }

    /// Starts the thread, which calls `turn` again and again until `end`.
    ///
    /// - Parameter turn: May wait, but not while `hasJobs`, and only so that `wakeUp` ends the
    ///   wait. It returns false when its actor is going away; then the thread waits for the
    ///   actor's last job, which calls `end`.
    /// - Throws: What the system said if there is no thread to be had.
    func start(turn: @escaping @Sendable () -> Bool) throws(SystemError) {
        try startThread(named: "curl") {
            self.thread.store(UInt(pthread_self()), ordering: .releasing)
            self.runJobs()
            while !self.hasEnded.load(ordering: .relaxed) {
                if !turn() {
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

    /// Whether there is something to run before a wait.
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
            "the curl handles are used on their thread only"
        )
    }
}
