internal import Glibc

/// The limit of open files.
package enum FileLimit {
    /// The value that represents no limit; no kernel grants more.
    package static let unlimited = 1 << 20

    /// The hard limit, up to which the process may raise the soft limit.
    package static func hard() -> Int { Int(min(current.rlim_max, rlim_t(unlimited))) }

    /// The soft limit, which the kernel enforces.
    static func soft() -> Int { Int(min(current.rlim_cur, rlim_t(unlimited))) }

    /// Raises the soft limit to the hard limit.
    package static func raise() {
        var limit = current
        limit.rlim_cur = limit.rlim_max
        // If this fails, the limit stays as it is.
        _ = unsafe setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
    }

    private static var current: rlimit {
        var limit = rlimit()
        guard unsafe getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0
        else { return rlimit(rlim_cur: 1_024, rlim_max: 1_024) }
        return limit
    }
}
