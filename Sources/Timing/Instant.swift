/// A moment of this process's monotonic clock.
///
/// Everything that is decided (deadlines, windows, ages) is decided between two of these. Wall time
/// appears only where it is shown. The zero is arbitrary; only differences mean something.
package struct Instant: Hashable, Sendable {
    /// Nanoseconds since the zero of the clock that made it.
    package var nanoseconds: Int64

    package init(nanoseconds: Int64) {
        self.nanoseconds = nanoseconds
    }

    /// The moment `seconds` after the zero of the clock; for tests and simulations.
    package init(seconds: Double) {
        self.nanoseconds = Int64((seconds * 1e9).rounded())
    }

    /// The seconds from `earlier` to this moment; negative if this one is the earlier.
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
    /// The whole nanoseconds of this span; 292 years of a longer one.
    package var nanoseconds: Int64 {
        Int64(clamping: attoseconds / 1_000_000_000)
    }

    /// This span in seconds.
    package var inSeconds: Double {
        Double(nanoseconds) / 1e9
    }
}
