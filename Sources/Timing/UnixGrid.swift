/// Moments of the monotonic clock at equal distances, anchored to Unix time.
///
/// The grid reads the wall clock once, so clock changes do not move it, and after a restart its
/// moments have the same Unix time.
package struct UnixGrid: Hashable, Sendable {
    /// The distance between two moments.
    package let step: Duration
    /// Unix time minus monotonic time, in nanoseconds; wide enough for any wall clock.
    private let wallOffset: Int128
    /// The part of `wallOffset` within one step.
    private let anchor: Int64

    /// Creates a grid with a positive step; `wallNow` is `now` in Unix seconds.
    package init(step: Duration, now: Instant, wallNow: Double) {
        let wallOffset = Int128((wallNow * 1e9).rounded()) - Int128(now.nanoseconds)
        self.init(step: step, wallOffset: wallOffset)
    }

    private init(step: Duration, wallOffset: Int128) {
        precondition(step.nanoseconds > 0, "a grid needs a positive step")
        self.step = step
        self.wallOffset = wallOffset
        anchor = Int64(wallOffset % Int128(step.nanoseconds))
    }

    /// Changes the distance; the anchor stays.
    package mutating func setStep(_ step: Duration) {
        self = UnixGrid(step: step, wallOffset: wallOffset)
    }

    /// The first moment at or after `earliest` that is `phase` after one of the grid.
    package func moment(from earliest: Instant, phase: Duration) -> Instant {
        let behind = (phase.nanoseconds - earliest.nanoseconds - anchor) % step.nanoseconds
        let wait = behind < 0 ? behind + step.nanoseconds : behind
        return Instant(nanoseconds: earliest.nanoseconds + wait)
    }
}
