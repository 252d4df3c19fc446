import PeerSync
import Timing

/// The system's clocks, for the pull loop and the node.
struct SystemTime: Timekeeper {
    var now: Instant { SystemClock.now }
    var wallNow: Double { SystemClock.wall }
}
