import TestSupport
import Testing

@testable import Federation
@testable import Timing

/// The numbers of the observations in a saved row, which contains only those that changed.
@Suite struct SavedNumbersTests {
    @Test func `each number is restored exactly, whichever numbers changed before`() throws {
        var ledger = Ledger(identity: ourselves, window: .seconds(300))
        let index = ledger.insert(.named("peer"))
        var random = SeededGenerator(seed: 11)
        var summary = Summary.from("x")
        for second in 0..<200 {
            if second % 5 != 0 { change(&summary.metrics, &random) }
            summary.ts = epoch + Double(second) - 0.25
            let failed = Observation.failed(index, at: Double(second))
            _ = ledger.record(
                second % 7 == 3 ? failed : .good(index, at: Double(second), summary)
            )
        }
        let (restored, damaged) = ledger.restarted(ledger.rows(at: 200), savedAt: 200, wall: 200)
        #expect(damaged.isEmpty)
        let before = try #require(ledger[index]).window.map(\.sample)
        let after = try #require(restored[index]).window.map(\.sample)
        #expect(after.map(\.?.metrics) == before.map(\.?.metrics))
        #expect(after.map(\.?.ts) == before.map(\.?.ts))
        #expect(Set(before.compactMap(\.?.metrics)).count > 100)
    }

    /// Changes each number with a probability of a half.
    private func change(_ numbers: inout SummaryNumbers, _ random: inout SeededGenerator) {
        let fields: [WritableKeyPath<SummaryNumbers, Double>] = [
            \.peerQuality, \.stabilityMargin, \.hopfDistance, \.spectralRadius, \.gamma,
            \.components.progress, \.components.novelty, \.components.consistency, \.gStar,
        ]
        for field in fields where Bool.random(using: &random) {
            numbers[keyPath: field] = Double.random(in: 0...1, using: &random)
        }
    }

    @Test func `a row whose first observation refers to one before it is damaged`() throws {
        var ledger = Ledger(identity: ourselves, window: .seconds(300))
        let index = ledger.insert(.named("peer"))
        _ = ledger.record(.good(index, at: 1, .from("x")))
        let (url, row) = try #require(ledger.rows(at: 2).first)
        // The mask of the only observation, before its nine numbers.
        var forged = Array(row.dropLast(2 + 9 * 8))
        forged += [0xFE, 0x01] + row.suffix(9 * 8).dropFirst(8)
        #expect(ledger.restarted([url: row], savedAt: 2, wall: 2).damaged.isEmpty)
        #expect(ledger.restarted([url: forged], savedAt: 2, wall: 2).damaged == [url])
    }
}
