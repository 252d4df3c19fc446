package import Timing

/// Gamma and eta at the governor's ticks of the last five minutes, oldest first.
///
/// Windows are half-open and in seconds: at a tick every 15 s the last minute has 4 of them, itself
/// included, and the five minutes 20, however long the process ran and whatever ticks it missed.
package struct RecentTicks: Sendable {
    /// The numbers that entered one tick.
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
    /// The most ticks that are kept, five minutes of the quickest beat: one every 0.1 s.
    package static let limit = 3_000

    /// Those younger than five minutes at the latest of them.
    package private(set) var all: [Tick] = []

    package init() {}

    /// Those younger than one minute at the latest of them.
    package var lastMinute: ArraySlice<Tick> {
        guard let latest = all.last else { return [] }
        let young = all.firstIndex { latest.at - $0.at < Self.minute } ?? all.endIndex
        return all[young...]
    }

    /// Adds a tick, no earlier than the one before, and gives up what is too old or too much.
    package mutating func append(_ tick: Tick) {
        let young = all.firstIndex { tick.at - $0.at < Self.fiveMinutes } ?? all.count
        all.removeFirst(max(young, all.count + 1 - Self.limit))
        all.append(tick)
    }
}
