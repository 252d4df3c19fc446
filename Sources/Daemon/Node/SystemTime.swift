import Federation
import Glibc
import PeerSync

/// The system's clocks.
struct SystemTime: Timekeeper {
    /// CLOCK_MONOTONIC, whose zero is also that of the curl client.
    var now: Instant {
        Instant(nanoseconds: Self.nanoseconds(CLOCK_MONOTONIC))
    }

    /// CLOCK_REALTIME.
    var wallNow: Double {
        Double(Self.nanoseconds(CLOCK_REALTIME)) / 1e9
    }

    private static func nanoseconds(_ clock: clockid_t) -> Int64 {
        var time = timespec()
        _ = unsafe clock_gettime(clock, &time)
        return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
    }
}
