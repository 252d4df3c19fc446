internal import Glibc

/// The clocks of the system; the only caller of clock_gettime(2).
package enum SystemClock {
    /// CLOCK_MONOTONIC as an `Instant`; from any thread.
    ///
    /// Its zero is one second before the first call, so values are positive and fit an Int64.
    package static var now: Instant {
        let time = read(CLOCK_MONOTONIC)
        return Instant(nanoseconds: Int64((time.tv_sec - zero) * 1_000_000_000 + time.tv_nsec))
    }

    /// CLOCK_REALTIME in Unix seconds, whatever the clock is set to.
    ///
    /// A double, because nanoseconds fit an Int64 only until 2262.
    package static var wall: Double {
        let time = read(CLOCK_REALTIME)
        return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
    }

    /// CLOCK_MONOTONIC in microseconds, as sd_notify(3) requires it.
    package static var monotonicMicroseconds: Int128 {
        let time = read(CLOCK_MONOTONIC)
        return Int128(time.tv_sec) * 1_000_000 + Int128(time.tv_nsec / 1_000)
    }

    private static let zero = read(CLOCK_MONOTONIC).tv_sec - 1

    private static func read(_ clock: clockid_t) -> timespec {
        var time = timespec()
        _ = unsafe clock_gettime(clock, &time)
        return time
    }
}
