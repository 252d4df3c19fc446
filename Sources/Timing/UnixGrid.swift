/// Moments of the monotonic clock at equal distances, anchored to Unix time.
///
/// The grid reads the wall clock once, so clock changes do not move it, and after a restart its
/// moments have the same Unix time.
package struct UnixGrid: Hashable, Sendable {
    /// The distance between two moments; must be positive.
    package var step: Duration
    /// Unix time minus monotonic time, in nanoseconds; wide enough for any wall clock.
    private let wallOffset: Int128

    /// Creates a grid at a moment whose Unix time is `wallNow`.
    package init(step: Duration, now: Instant, wallNow: Double) {
        self.step = step
        wallOffset = Int128((wallNow * 1e9).rounded()) - Int128(now.nanoseconds)
    }

    /// The first moment at or after `earliest` that is `phase` after one of the grid.
    package func moment(from earliest: Instant, phase: Duration) -> Instant {
        let step = step.nanoseconds
        precondition(step > 0, "a grid needs a positive step")
        let anchor = Int64(wallOffset % Int128(step))
        let behind = (phase.nanoseconds - earliest.nanoseconds - anchor) % step
        return Instant(nanoseconds: earliest.nanoseconds + (behind < 0 ? behind + step : behind))
    }
}
