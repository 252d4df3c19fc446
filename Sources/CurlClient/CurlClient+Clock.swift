import Glibc

extension CurlClient {
    /// CLOCK_MONOTONIC in nanoseconds, less `zero`: above zero, and far from what an Int64 holds
    /// whatever the system counts from.
    package static func now() -> Int64 {
        let time = monotonicTime()
        return Int64(time.tv_sec - zero) * 1_000_000_000 + Int64(time.tv_nsec)
    }

    /// The second before the one in which this process first asked.
    private static let zero = monotonicTime().tv_sec - 1

    private static func monotonicTime() -> timespec {
        var time = timespec()
        _ = unsafe clock_gettime(CLOCK_MONOTONIC, &time)
        return time
    }
}
