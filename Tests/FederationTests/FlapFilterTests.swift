import Federation
import TestSupport
import Testing

@testable import Timing

/// Which changes of a peer are recorded one by one.
@Suite struct FlapFilterTests {
    private typealias Filter = FlapFilter<Int>

    /// The decisions for changes at these seconds, numbered from 0.
    private static func decisions(_ seconds: [Double]) -> [Filter.Decision] {
        var filter = Filter()
        return seconds.enumerated()
            .map { filter.add($0.offset, of: "http://a", at: Instant(seconds: $0.element)) }
    }

    @Test(arguments: [180.0, 181, 200, 3_600])
    func `20 changes an hour are all recorded, for days`(spacing: Double) {
        let decisions = Self.decisions((0..<1_000).map { Double($0) * spacing })
        #expect(decisions.allSatisfy { $0 == .record })
    }

    @Test func `20 changes at once are recorded, and the 21st within an hour is not`() {
        #expect(Self.decisions(Array(repeating: 5, count: 20)).allSatisfy { $0 == .record })
        let hour = (0..<20).map { Double($0) } + [3_599]
        #expect(Self.decisions(hour).last == .recordFlapping(count: 21))
        let later = (0..<20).map { Double($0) } + [3_600]
        #expect(Self.decisions(later).last == .record)
    }

    @Test func `a peer that flaps is counted until it was steady for ten minutes`() throws {
        var filter = Filter()
        for change in 0..<50 {
            let decision = filter.add(change, of: "http://a", at: Instant(seconds: Double(change)))
            let expected: Filter.Decision =
                change < 20 ? .record : change == 20 ? .recordFlapping(count: 21) : .count
            #expect(decision == expected, "change \(change)")
        }
        #expect(filter.counts == ["http://a": 50])
        #expect(filter.takeSettled(at: Instant(seconds: 648)).isEmpty)
        // A change in the last second of the ten minutes: they begin anew.
        #expect(filter.add(50, of: "http://a", at: Instant(seconds: 648.5)) == .count)
        #expect(filter.takeSettled(at: Instant(seconds: 649)).isEmpty)
        let settled = filter.takeSettled(at: Instant(seconds: 1_249))
        try #require(settled.count == 1)
        #expect(settled[0].url == "http://a" && settled[0].count == 51)
        #expect(settled[0].lasted == .seconds(648.5))
        #expect(settled[0].lastChange == 50)
        #expect(filter.counts.isEmpty)
        #expect(filter.takeSettled(at: Instant(seconds: 5_000)).isEmpty)
        #expect(filter.add(51, of: "http://a", at: Instant(seconds: 5_000)) == .record)
    }

    @Test func `a million changes of a peer lead to 20 records and one of flapping`() throws {
        var filter = Filter()
        var random = SeededGenerator(seed: 3)
        var (now, recorded, flapping, settled) = (0.0, 0, 0, [Filter.Settled]())
        for change in 0..<1_000_000 {
            now += Double.random(in: 0...60, using: &random)
            switch filter.add(change, of: "http://a", at: Instant(seconds: now)) {
            case .record: recorded += 1
            case .recordFlapping: flapping += 1
            case .count: break
            }
            if change % 2 == 0 { settled += filter.takeSettled(at: Instant(seconds: now)) }
        }
        #expect(recorded == 20 && flapping == 1 && settled.isEmpty)
        settled = filter.takeSettled(at: Instant(seconds: now + 600))
        #expect(settled.map(\.count) == [1_000_000])
        #expect(settled.map(\.lastChange) == [999_999])
    }

    @Test func `two peers do not disturb each other`() {
        var filter = Filter()
        for change in 0..<30 {
            _ = filter.add(change, of: "http://a", at: Instant(seconds: Double(change) * 100))
            guard change % 10 == 0 else { continue }
            let other = filter.add(
                change,
                of: "http://b",
                at: Instant(seconds: Double(change) * 100)
            )
            #expect(other == .record)
        }
        #expect(filter.counts == ["http://a": 30])
        // The second is steady since 2,000 s, the first since 2,900 s.
        #expect(filter.takeSettled(at: Instant(seconds: 3_499)).isEmpty)
        #expect(filter.takeSettled(at: Instant(seconds: 3_500)).map(\.url) == ["http://a"])
    }

    @Test func `peers that flap together settle in the order of their URLs`() {
        var filter = Filter()
        let urls = (0..<9).map { "http://n\($0)" }
        for change in 0..<21 {
            for url in urls.reversed() {
                _ = filter.add(change, of: url, at: Instant(seconds: Double(change)))
            }
        }
        #expect(filter.takeSettled(at: Instant(seconds: 1_000)).map(\.url) == urls)
    }
}
