import TestSupport
import Testing

@testable import Federation
@testable import Timing

@Suite struct RecentTicksTests {
    /// Ticks at these seconds; gamma is the number of the tick.
    private func recent(_ seconds: some Sequence<Double>) -> RecentTicks {
        var recent = RecentTicks()
        for (index, second) in seconds.enumerated() {
            recent.append(.init(at: Instant(seconds: second), gamma: Double(index), eta: 0.1))
        }
        return recent
    }

    @Test(
        arguments: [
            (15.0, 4, 20), (30, 2, 10), (60, 1, 5), (20, 3, 15), (0.1, 600, 3_000), (7, 9, 43),
        ]
    )
    func `the windows include the latest tick`(
        period: Double,
        minute: Int,
        fiveMinutes: Int
    ) {
        let recent = recent((0..<4_000).map { Double($0) * period })
        #expect(recent.lastMinute.count == minute)
        #expect(recent.all.count == fiveMinutes)
        #expect(recent.all.last?.gamma == 3_999)
        #expect(recent.lastMinute.last?.gamma == 3_999)
    }

    @Test func `a tick exactly as old as the window is not in it`() {
        #expect(recent([0, 60]).lastMinute.map(\.gamma) == [1])
        #expect(recent([0, 59.999_999_999]).lastMinute.map(\.gamma) == [0, 1])
        #expect(recent([0, 300]).all.map(\.gamma) == [1])
        #expect(recent([0, 299.999_999_999]).all.map(\.gamma) == [0, 1])
    }

    @Test func `after a long pause only the latest tick remains`() {
        let recent = recent([0, 15, 30, 10_000])
        #expect(recent.all.map(\.gamma) == [3])
        #expect(recent.lastMinute.map(\.gamma) == [3])
        #expect(RecentTicks().lastMinute.isEmpty)
    }

    @Test func `the number of ticks is bounded, and the newest stay`() {
        let recent = recent((0..<10_000).map { Double($0) * 0.001 })
        #expect(recent.all.count == RecentTicks.limit)
        #expect(recent.all.first?.gamma == 7_000)
        #expect(recent.lastMinute.count == RecentTicks.limit)
    }

    @Test func `the windows contain exactly the recent ticks`() {
        var generator = SeededGenerator(seed: 41)
        for round in 0..<50 {
            var second = 0.0
            let seconds = (0..<60)
                .map { _ in
                    second += Double.random(in: 0...40, using: &generator)
                    return second
                }
            let recent = recent(seconds)
            let now = Instant(seconds: second)
            let ages = seconds.map { now - Instant(seconds: $0) }
            #expect(recent.all.count == ages.count { $0 < .seconds(300) }, "round \(round)")
            #expect(recent.lastMinute.count == ages.count { $0 < .seconds(60) }, "round \(round)")
        }
    }
}
