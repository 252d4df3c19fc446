/// A moment of this process's monotonic clock.
///
/// All decisions (deadlines, windows, ages) use the difference of two instants. Wall time is only
/// for display. The zero is arbitrary.
package struct Instant: Hashable, Comparable, Sendable {
    package var nanoseconds: Int64

    package init(nanoseconds: Int64) {
        self.nanoseconds = nanoseconds
    }

    /// For tests and simulations.
    package init(seconds: Double) {
        nanoseconds = Int64((seconds * 1e9).rounded())
    }

    /// 146 years before the zero, so that the difference to any moment fits into 64 bits.
    package static var distantPast: Instant { Instant(nanoseconds: .min / 2) }

    /// 146 years after the zero.
    package static var distantFuture: Instant { Instant(nanoseconds: .max / 2) }

    /// The seconds since `earlier`; negative if this moment is earlier.
    package func seconds(since earlier: Instant) -> Double {
        Double(nanoseconds - earlier.nanoseconds) / 1e9
    }

    package static func < (left: Instant, right: Instant) -> Bool {
        left.nanoseconds < right.nanoseconds
    }

    package static func + (instant: Instant, span: Duration) -> Instant {
        Instant(nanoseconds: instant.nanoseconds + span.nanoseconds)
    }

    package static func - (instant: Instant, span: Duration) -> Instant {
        Instant(nanoseconds: instant.nanoseconds - span.nanoseconds)
    }

    package static func - (later: Instant, earlier: Instant) -> Duration {
        .nanoseconds(later.nanoseconds - earlier.nanoseconds)
    }
}

extension Duration {
    /// The whole nanoseconds of this span, limited to 292 years.
    package var nanoseconds: Int64 { Int64(clamping: attoseconds / 1_000_000_000) }

    package var inSeconds: Double { Double(nanoseconds) / 1e9 }

    /// How many times `part`, which must be positive, fits into this span.
    package func count(of part: Duration) -> Int {
        Int(nanoseconds / part.nanoseconds)
    }

    /// A part of this span, in whole nanoseconds.
    ///
    /// The generic `/` of the standard library takes 100 ns, this takes 30.
    package func divided(by divisor: Int) -> Duration {
        .nanoseconds(nanoseconds / Int64(divisor))
    }
}
