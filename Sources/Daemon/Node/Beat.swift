import Federation

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

    /// Takes the moment that has come; false if none has.
    mutating func take(at now: Instant) -> Bool {
        guard now >= next else { return false }
        let skipped = (now - next).nanoseconds / span.nanoseconds
        next = next + .nanoseconds((skipped + 1) * span.nanoseconds)
        return true
    }
}
