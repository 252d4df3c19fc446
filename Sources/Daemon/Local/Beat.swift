import Federation
import Timing

/// Moments at a fixed interval from one start, so that slow work does not delay later moments.
///
/// Moments that pass during other work are skipped, except for the latest.
struct Beat: Sendable {
    let span: Duration
    /// The first moment that was not taken; it may have passed.
    private(set) var next: Instant

    /// The first moment is one span after `start`.
    init(every span: Duration, after start: Instant) {
        precondition(span > .zero, "a beat needs a span")
        self.span = span
        next = start + span
    }

    /// Takes the latest moment that has passed; nil if none has passed since the last call.
    mutating func take(at now: Instant) -> Instant? {
        guard now >= next else { return nil }
        let skipped = (now - next).nanoseconds / span.nanoseconds
        let moment = next + .nanoseconds(skipped * span.nanoseconds)
        next = moment + span
        return moment
    }
}

/// When a node ticks, and when it reads the source of its own numbers.
struct Beats: Sendable {
    var ticks: Beat
    var looks: Beat

    var next: Instant { min(ticks.next, looks.next) }

    /// Takes the latest moment of both that has passed; nil if none has.
    mutating func take(at now: Instant) -> (moment: Instant, isTick: Bool)? {
        let tick = ticks.take(at: now)
        let look = looks.take(at: now)
        guard let moment = [tick, look].compactMap(\.self).max() else { return nil }
        return (moment, tick != nil)
    }
}
