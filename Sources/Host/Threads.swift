internal import CProcess
internal import Glibc

/// The threads that a command needs at most, checked before it needs them.
///
/// Dispatch creates its threads when there is work for them. Without one it waits and retries or
/// traps, so a limit that is too low would look like a service that hangs.
package enum Threads {
    /// The main thread, and Dispatch's for events and for each processor.
    private static let standard = 2 + sysconf(Int32(_SC_NPROCESSORS_ONLN))
    /// Dispatch's for queues that may block: the log, signals, reload, watched files, stopping,
    /// large pages and their deadlines.
    private static let queues = 7
    /// One that pulls and those that look up names.
    private static let client = 9
    /// A second client, of a local source over HTTP, which looks up one name.
    private static let source = 2
    /// Two that serve HTTP, and one that accepts connections.
    private static let listener = 3
    /// File reads that hang, of a reload and of the watched peers file, beside one queue for each.
    private static let stuckReads = 2 * (BlockingWork.mostStuck - 1)

    /// What a command that pulls needs.
    package static let forPulling = standard + client
    /// What the service needs.
    package static let forServing = standard + queues + client + source + listener + stuckReads

    /// Checks that `count` threads can exist at the same time, by creating them.
    ///
    /// - Throws: `ThreadShortage` if the system refuses one.
    package static func require(_ count: Int) throws(ThreadShortage) {
        var code: Int32 = 0
        // This thread is one of them.
        let possible = unsafe 1 + Int(nova_startable_threads(Int32(count - 1), &code))
        guard possible < count else { return }
        throw ThreadShortage(needed: count, possible: possible, code: code, limit: userLimit)
    }

    /// How many processes and threads the user may have; nil if there is no limit.
    private static var userLimit: Int? {
        var limit = rlimit()
        guard unsafe getrlimit(__rlimit_resource_t(__RLIMIT_NPROC.rawValue), &limit) == 0
        else { return nil }
        return Int(exactly: limit.rlim_cur)
    }
}

/// The system does not let this process have the threads it needs; it exits with 71.
package struct ThreadShortage: Error, CustomStringConvertible {
    var needed: Int
    var possible: Int
    /// The errno of the refusal.
    var code: Int32
    /// RLIMIT_NPROC in force.
    var limit: Int?

    package var description: String {
        let cause = unsafe String(cString: strerror(code))
        let limit = limit.map(String.init) ?? "unlimited"
        return """
            this process can have \(possible) of the \(needed) threads it needs: \(cause). Raise \
            the user's limit (RLIMIT_NPROC is \(limit); ulimit -u, LimitNPROC=) or the control \
            group's (pids.max, TasksMax=), or free memory
            """
    }
}
