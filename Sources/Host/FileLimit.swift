internal import Glibc

/// The limit of open files.
package enum FileLimit {
    /// What stands for no limit: more than any kernel grants.
    package static let unlimited = 1 << 20

    /// The hard limit, up to which a process may raise its own.
    package static func hard() -> Int {
        Int(min(current.rlim_max, rlim_t(unlimited)))
    }

    /// The limit in force.
    static func soft() -> Int {
        Int(min(current.rlim_cur, rlim_t(unlimited)))
    }

    /// Raises the limit in force to the hard one.
    package static func raise() {
        var limit = current
        limit.rlim_cur = limit.rlim_max
        // A refusal leaves the limit as it is, and too many open files then fail one by one.
        _ = unsafe setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
    }

    private static var current: rlimit {
        var limit = rlimit()
        guard unsafe getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0
        else { return rlimit(rlim_cur: 1_024, rlim_max: 1_024) }
        return limit
    }
}
