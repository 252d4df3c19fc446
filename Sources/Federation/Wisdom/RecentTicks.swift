package import Timing

/// Gamma and eta at the ticks of the last five minutes, oldest first.
///
/// The windows are half-open. With a tick every 15 s the last minute contains 4 ticks, including
/// the latest, and the five minutes 20, regardless of the uptime and of missed ticks.
package struct RecentTicks: Sendable {
    /// The gamma and eta at the start of one tick.
    package struct Tick: Hashable, Sendable {
        package var at: Instant
        package var gamma: Double
        package var eta: Double

        package init(at: Instant, gamma: Double, eta: Double) {
            self.at = at
            self.gamma = gamma
            self.eta = eta
        }
    }

    package static let minute: Duration = .seconds(60)
    package static let fiveMinutes: Duration = .seconds(300)
    /// The most stored ticks: five minutes at the shortest tick, 0.1 s.
    package static let limit = 3_000

    /// The ticks less than five minutes older than the latest.
    package private(set) var all: [Tick] = []

    package init() {}

    /// The ticks less than one minute older than the latest.
    package var lastMinute: ArraySlice<Tick> {
        guard let latest = all.last else { return [] }
        let young = all.firstIndex { latest.at - $0.at < Self.minute } ?? all.endIndex
        return all[young...]
    }

    /// Appends a tick, which must not be earlier than the last, and drops old ones.
    package mutating func append(_ tick: Tick) {
        let young = all.firstIndex { tick.at - $0.at < Self.fiveMinutes } ?? all.count
        all.removeFirst(max(young, all.count + 1 - Self.limit))
        all.append(tick)
    }
}
