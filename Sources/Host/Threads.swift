internal import CProcess
internal import Glibc

/// The maximum number of threads that a command needs, checked at startup.
///
/// Dispatch creates threads on demand. If it cannot, it retries forever or traps, so with a low
/// limit the service would hang.
package enum Threads {
    /// The main thread, Dispatch's event thread, and one thread per processor.
    private static let standard = 2 + sysconf(Int32(_SC_NPROCESSORS_ONLN))
    /// Dispatch queues that may block: log, signals, reload, watched files, state, shutdown, large
    /// pages and pages from the disk, and the deadlines of each of these two.
    private static let queues = 10
    /// The pull thread and eight threads for name lookups.
    private static let client = 9
    /// The client of an HTTP local source, and its name lookup.
    private static let source = 2
    /// Two threads that serve HTTP, and one that accepts connections.
    private static let listener = 3
    /// Hung file reads of reloads and of the watched peers file, besides their queues.
    private static let stuckReads = 2 * (BlockingWork.defaultMaximumStuck - 1)

    /// The threads of a command that pulls.
    package static let forPulling = standard + client
    /// The threads of a command that queries a node and waits for keys and signals.
    package static let forWatching = forPulling + 2
    /// The threads of the service.
    package static let forServing = standard + queues + client + source + listener + stuckReads

    /// Checks that `count` threads can exist at the same time, by creating them.
    ///
    /// - Throws: `ThreadShortage` if the system refuses one.
    package static func require(_ count: Int) throws(ThreadShortage) {
        var code: Int32 = 0
        // The calling thread is one of them.
        let possible = unsafe 1 + Int(nova_startable_threads(Int32(count - 1), &code))
        guard possible < count else { return }
        throw ThreadShortage(needed: count, possible: possible, code: code, limit: userLimit)
    }

    /// The user's limit of processes and threads; nil = unlimited.
    private static var userLimit: Int? {
        var limit = rlimit()
        guard unsafe getrlimit(__rlimit_resource_t(__RLIMIT_NPROC.rawValue), &limit) == 0
        else { return nil }
        return Int(exactly: limit.rlim_cur)
    }
}

/// The process cannot create the threads that it needs; it exits with 71.
package struct ThreadShortage: Error, CustomStringConvertible {
    var needed: Int
    var possible: Int
    /// The errno of pthread_create(3).
    var code: Int32
    /// RLIMIT_NPROC; nil = unlimited.
    var limit: Int?

    package var description: String {
        let limit = limit.map(String.init) ?? "unlimited"
        return """
            this process needs \(needed) threads but can create only \(possible): \
            \(systemError(code)). Raise the user's limit (RLIMIT_NPROC is \(limit); ulimit -u, \
            LimitNPROC=) or the control group's (pids.max, TasksMax=), or free memory
            """
    }
}
