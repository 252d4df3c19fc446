import Federation
import Timing

/// Moments at a fixed distance from one start, so that slow work delays no later moment.
///
/// A moment that passes during other work is skipped and never made up for.
struct Beat: Sendable {
    let span: Duration
    /// The next moment, or one that has passed and was not taken.
    private(set) var next: Instant

    /// A beat whose first moment is one span after `start`.
    init(every span: Duration, after start: Instant) {
        precondition(span > .zero, "a beat needs a span")
        self.span = span
        next = start + span
    }

    /// Takes the latest moment that has passed; nil if none has passed since the last call.
    ///
    /// Work counts for that moment, however late it starts.
    mutating func take(at now: Instant) -> Instant? {
        guard now >= next else { return nil }
        let skipped = (now - next).nanoseconds / span.nanoseconds
        let moment = next + .nanoseconds(skipped * span.nanoseconds)
        next = moment + span
        return moment
    }
}

/// When a node ticks, and when it reads the source of its numbers.
struct Beats: Sendable {
    var ticks: Beat
    var looks: Beat

    /// The next moment.
    var next: Instant { min(ticks.next, looks.next) }

    /// Takes the latest moment of both that has passed; nil if none has.
    mutating func take(at now: Instant) -> (moment: Instant, isTick: Bool)? {
        let tick = ticks.take(at: now)
        let look = looks.take(at: now)
        guard let moment = [tick, look].compactMap(\.self).max() else { return nil }
        return (moment, tick != nil)
    }
}
