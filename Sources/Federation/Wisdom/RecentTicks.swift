internal import Timing

/// Gamma and eta at the ticks of the last five minutes, oldest first.
///
/// The windows are half-open. With a tick every 15 s the last minute contains 4 ticks, including
/// the latest, and the five minutes 20, regardless of the uptime and of missed ticks.
struct RecentTicks: Sendable {
    /// The gamma and eta at the start of one tick.
    struct Tick: Sendable {
        var at: Instant
        var gamma: Double
        var eta: Double
    }

    static let minute: Duration = .seconds(60)
    static let fiveMinutes: Duration = .seconds(300)
    /// The most stored ticks: five minutes at the shortest tick, 0.1 s.
    static let limit = 3_000

    /// The ticks less than five minutes older than the latest.
    private(set) var all: [Tick] = []

    /// The ticks less than one minute older than the latest.
    var lastMinute: ArraySlice<Tick> {
        guard let latest = all.last else { return [] }
        let start = all.firstIndex { latest.at - $0.at < Self.minute } ?? all.endIndex
        return all[start...]
    }

    /// Appends a tick, which must not be earlier than the last, and drops old ones.
    mutating func append(_ tick: Tick) {
        let start = all.firstIndex { tick.at - $0.at < Self.fiveMinutes } ?? all.count
        all.removeFirst(max(start, all.count + 1 - Self.limit))
        all.append(tick)
    }
}
