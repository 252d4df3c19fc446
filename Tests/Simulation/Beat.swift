import Federation
import Timing

/// The slots of one peer, computed from its first pull and its phase without a schedule.
///
/// The first slot is that of the first pass. The others are on the grid of the phase, at least half
/// an interval after the first.
struct Beat {
    private let first: Int64
    private let second: Int64
    private let interval: Int64

    /// Computes the slots of a peer.
    ///
    /// - Parameters:
    ///   - first: the planned time of the first pull.
    ///   - phase: the phase of the slots in the interval.
    ///   - wallOffset: Unix time minus monotonic time, in nanoseconds.
    ///   - interval: the time between two slots.
    init(first: Instant, phase: Duration, wallOffset: Int64, interval: Duration) {
        self.first = first.nanoseconds
        self.interval = interval.nanoseconds
        let earliest = first.nanoseconds + self.interval / 2
        // The first x >= earliest with x + wallOffset = phase, modulo the interval.
        let into = (earliest + wallOffset - phase.nanoseconds) % self.interval
        second = earliest + (into == 0 ? 0 : self.interval - into)
    }

    /// The number of slots up to `now`.
    func slots(at now: Instant) -> Int {
        if now.nanoseconds < first { return 0 }
        if now.nanoseconds < second { return 1 }
        return 2 + Int((now.nanoseconds - second) / interval)
    }
}
