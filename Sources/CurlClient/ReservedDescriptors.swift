internal import Glibc

/// The file descriptors that fetches leave to the rest of the process.
///
/// The process also serves clients and opens files, and libdispatch traps if it has no descriptor.
/// Settings are checked against the file limit at startup, but an operator may lower it later.
enum ReservedDescriptors {
    /// Whether a new descriptor is reserved: in the last eighth below the limit, 8 to 64 numbers.
    ///
    /// The system assigns the lowest free number, so all numbers below it are in use.
    static func contains(_ descriptor: Int32) -> Bool {
        var limit = rlimit()
        guard unsafe getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else {
            return false
        }
        return UInt(descriptor) + min(max(limit.rlim_cur / 8, 8), 64) >= limit.rlim_cur
    }
}
