import Federation
import Timing

/// Moments that are one span apart, counted from one start and not from the end of the work
/// between them, so that work delays no later moment.
///
/// A moment that passed while something else went on is skipped, never made up for.
struct Beat: Sendable {
    let span: Duration
    /// The moment that comes next, or has come and not been taken.
    private(set) var next: Instant

    /// A beat whose first moment is one span after `start`.
    init(every span: Duration, after start: Instant) {
        precondition(span > .zero, "a beat needs a span")
        self.span = span
        next = start + span
    }

    /// Takes the latest moment that has come, by which the work is counted however late it starts;
    /// nil if none has come since the last that was taken.
    mutating func take(at now: Instant) -> Instant? {
        guard now >= next else { return nil }
        let skipped = (now - next).nanoseconds / span.nanoseconds
        let moment = next + .nanoseconds(skipped * span.nanoseconds)
        next = moment + span
        return moment
    }
}

/// When a node ticks, and when it looks at the source of its numbers.
struct Beats: Sendable {
    var ticks: Beat
    var looks: Beat

    /// The moment that comes next.
    var next: Instant { min(ticks.next, looks.next) }

    /// Takes what has come, as the latest moment of it; nil if nothing has.
    mutating func take(at now: Instant) -> (moment: Instant, isTick: Bool)? {
        let tick = ticks.take(at: now)
        let look = looks.take(at: now)
        guard let moment = [tick, look].compactMap(\.self).max() else { return nil }
        return (moment, tick != nil)
    }
}
