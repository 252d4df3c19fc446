import Federation
import PeerSync
import Timing

/// The clocks of one node at one moment.
struct Clock: Timekeeper {
    var now: Instant
    /// The error of the wall clock in seconds.
    var offSeconds: Double

    /// Unix seconds at the zero of virtual time.
    private static let epoch = 1_800_000_000.0

    var wallNow: Double { Self.epoch + Double(now.nanoseconds) / 1e9 + offSeconds }
}
