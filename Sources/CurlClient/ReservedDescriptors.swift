internal import Glibc

/// The file descriptors that pulls leave to the rest of the process.
///
/// The process serves clients and opens a file now and then, and libdispatch traps where it cannot.
/// Settings are checked against the limit at the start, but an operator may lower it later.
enum ReservedDescriptors {
    /// Whether a new descriptor is one of them: the last eighth below the limit, 8 to 64.
    ///
    /// The system gives out the lowest that is free, so all below it are in use.
    static func contains(_ descriptor: Int32) -> Bool {
        var limit = rlimit()
        guard unsafe getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else {
            return false
        }
        return UInt(descriptor) + min(max(limit.rlim_cur / 8, 8), 64) >= limit.rlim_cur
    }
}
