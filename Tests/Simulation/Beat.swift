import Federation

@testable import Timing

/// The slots of one peer, counted without a schedule: from its first pull and its phase.
///
/// The first is that of the quick first pass. The others are on the grid of the phase, from half an
/// interval after the first on.
struct Beat {
    private let first: Int64
    private let second: Int64
    private let interval: Int64

    /// - Parameters:
    ///   - first: when the quick first pull is planned.
    ///   - phase: the place of the slots in the interval.
    ///   - wallOffset: Unix time less monotonic time, in nanoseconds.
    ///   - interval: from one slot to the next.
    init(first: Instant, phase: Duration, wallOffset: Int64, interval: Duration) {
        self.first = first.nanoseconds
        self.interval = interval.nanoseconds
        let earliest = first.nanoseconds + self.interval / 2
        // The first x >= earliest with x + wallOffset = phase, modulo the interval.
        let into = (earliest + wallOffset - phase.nanoseconds) % self.interval
        second = earliest + (into == 0 ? 0 : self.interval - into)
    }

    /// How many slots have come up to `now`.
    func slots(at now: Instant) -> Int {
        if now.nanoseconds < first { return 0 }
        if now.nanoseconds < second { return 1 }
        return 2 + Int((now.nanoseconds - second) / interval)
    }
}
