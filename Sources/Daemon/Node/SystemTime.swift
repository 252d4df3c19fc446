import CurlClient
import Federation
import Glibc
import PeerSync

/// The system's clocks.
struct SystemTime: Timekeeper {
    /// The clock of the curl client, CLOCK_MONOTONIC.
    var now: Instant {
        Instant(nanoseconds: CurlClient.now())
    }

    /// CLOCK_REALTIME, whatever it is set to: its nanoseconds fit an Int64 until 2262 only.
    var wallNow: Double {
        var time = timespec()
        _ = unsafe clock_gettime(CLOCK_REALTIME, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
    }
}
