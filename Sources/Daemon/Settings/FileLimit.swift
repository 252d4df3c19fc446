import Glibc

/// The limit of open files.
enum FileLimit {
    /// What stands for no limit: more than any kernel grants.
    static let unlimited = 1 << 20

    /// The hard limit, up to which a process may raise its own.
    static func hard() -> Int {
        var limit = rlimit()
        guard unsafe getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0
        else { return 1_024 }
        return Int(min(limit.rlim_max, rlim_t(unlimited)))
    }
}
