/// A moment of this process's monotonic clock.
///
/// All decisions (deadlines, windows, ages) use the difference of two instants. Wall time is only
/// for display. The zero is arbitrary.
package struct Instant: Hashable, Sendable {
    /// Nanoseconds since the zero of the clock.
    package var nanoseconds: Int64

    package init(nanoseconds: Int64) {
        self.nanoseconds = nanoseconds
    }

    /// The moment `seconds` after the zero of the clock; for tests and simulations.
    package init(seconds: Double) {
        self.nanoseconds = Int64((seconds * 1e9).rounded())
    }

    /// The seconds since `earlier`; negative if this moment is earlier.
    package func seconds(since earlier: Instant) -> Double {
        Double(nanoseconds - earlier.nanoseconds) / 1e9
    }
}

extension Instant: Comparable {
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
    package var nanoseconds: Int64 {
        Int64(clamping: attoseconds / 1_000_000_000)
    }

    /// How many times `part`, which must be positive, fits into this span.
    package func count(of part: Duration) -> Int {
        Int(nanoseconds / part.nanoseconds)
    }

    /// This span in seconds.
    package var inSeconds: Double {
        Double(nanoseconds) / 1e9
    }
}
