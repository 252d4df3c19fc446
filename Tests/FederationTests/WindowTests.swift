import TestSupport
import Testing

@testable import Federation
@testable import Timing

@Suite struct WindowTests {
    private let span = Duration.seconds(300)

    @Test func `a window includes observations exactly as old as itself, and no older ones`() {
        var window = RollingWindow()
        for second in [0, 0.001, 100] { record(second, into: &window) }
        record(300, into: &window)
        #expect(seconds(window) == [0, 0.001, 100, 300])
        record(300.001, into: &window)
        #expect(seconds(window) == [0.001, 100, 300, 300.001])
    }

    @Test func `a report ignores observations that have expired since the last pull`() {
        var ledger = Ledger.with(peers: 1)
        ledger.record(all: [.good(0, at: 0, .from("n")), .failed(0, at: 100)])
        #expect(ledger[0]?.window.count == 2)
        #expect(ledger.report(at: 300).peers[0].quality.samples == 2)
        #expect(ledger.report(at: 300.001).peers[0].quality.samples == 1)
        #expect(ledger.report(at: 300.001).peers[0].quality.successRate == 0)
        #expect(ledger.report(at: 1_000).peers[0].quality.samples == 0)
    }

    @Test func `a full window drops the oldest observation`() {
        var window = RollingWindow()
        for step in 0..<(RollingWindow.limit + 100) {
            record(Double(step) / 1_000, into: &window)
            #expect(window.count == min(step + 1, RollingWindow.limit))
        }
        #expect(window.first?.received == Instant(seconds: 0.1))
    }

    @Test func `a steady interval allocates no storage`() {
        var window = RollingWindow()
        for step in 0..<20 { record(Double(step) * 30, into: &window) }
        let places = window.capacity
        for step in 20..<2_000 { record(Double(step) * 30, into: &window) }
        #expect(window.count == 11)
        #expect(window.capacity == places)
        #expect(places <= 16)
    }

    @Test func `an observation takes at most 128 bytes`() {
        #expect(MemoryLayout<RollingWindow.Entry>.stride <= 128)
    }

    @Test(arguments: 1...20)
    func `the ring contains the same as a plain list`(seed: UInt64) {
        var generator = SeededGenerator(seed: seed)
        var window = RollingWindow()
        var list: [Double] = []
        var now = 0.0
        for _ in 0..<1_000 {
            now += .random(in: 0...1, using: &generator) < 0.02 ? 400 : 7
            record(now, into: &window)
            list = list.filter { $0 >= now - 300 } + [now]
            #expect(seconds(window) == list, "seed \(seed)")
        }
    }

    @Test(arguments: 1...5)
    func `observations in any order neither trap nor exceed the limit`(seed: UInt64) {
        var generator = SeededGenerator(seed: seed)
        var ledger = Ledger.with(peers: 2)
        for _ in 0..<10_000 {
            let second = Double.random(in: 0...2_000, using: &generator)
            let index = Int.random(in: 0...1, using: &generator)
            let good = Bool.random(using: &generator)
            ledger.record(all: [
                good ? .good(index, at: second, .from("n")) : .failed(index, at: second)
            ])
        }
        let report = ledger.report(at: 1_000)
        for index in 0...1 { #expect(ledger[index]?.window.count ?? 0 <= RollingWindow.limit) }
        #expect(report.peers.allSatisfy { (0...1).contains($0.quality.value) }, "seed \(seed)")
        #expect(report.totals.successes + report.totals.errors == 10_000)
    }

    private func record(_ second: Double, into window: inout RollingWindow) {
        let now = Instant(seconds: second)
        window.append(
            RollingWindow.Entry(received: now, seconds: 0.1, sample: nil),
            droppingBefore: now - span
        )
    }

    private func seconds(_ window: RollingWindow) -> [Double] {
        window.map { $0.received.seconds(since: Instant(seconds: 0)) }
    }
}
