internal import Timing

/// Reports the start and the end of a shortage instead of each event.
///
///     enough ──note──▶ short ──no event for a minute──▶ enough
struct Shortage {
    private static let calm: Duration = .seconds(60)

    private var last: Instant?
    private var count = 0

    var isOn: Bool { last != nil }

    /// Adds events; true if they start a shortage.
    mutating func note(_ count: Int = 1, at now: Instant) -> Bool {
        let starts = last == nil
        self.count = (starts ? 0 : self.count) + count
        last = now
        return starts
    }

    /// The number of events, once, when the shortage has ended.
    mutating func settle(at now: Instant) -> Int? {
        guard let last, now - last >= Self.calm else { return nil }
        self.last = nil
        return count
    }
}
