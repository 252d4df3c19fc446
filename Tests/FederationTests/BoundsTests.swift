import Foundation
import TestSupport
import Testing

@testable import Federation

/// The intervals of success rate, p95 and quality.
@Suite struct BoundsTests {
    private static func quality(
        good: Int,
        of pulls: Int,
        latencies: [Double]? = nil,
        ageSeconds: Double? = 0,
        _ scoring: Scoring = .standard
    ) -> Quality {
        Quality(
            pulls: pulls,
            goodPulls: good,
            durations: latencies ?? Array(repeating: 0.02, count: good),
            ageSeconds: ageSeconds,
            scoring: scoring
        )
    }

    @Test func `the Wilson interval agrees with an independent computation`() async throws {
        let cases =
            (1...40).flatMap { n in (0...n).map { ($0, n) } } + [(3_599, 3_600), (7, 3_664)]
        let lines = try await Oracle.lines("wilson", cases.map { "\($0) \($1)" })
        for ((successes, trials), line) in zip(cases, lines) {
            let expected = line.split(separator: " ").compactMap { Double($0) }
            let interval = Interval.wilson(successes: successes, of: trials)
            let place: Comment = "\(successes) of \(trials)"
            #expect(agree(interval.low, expected[0]) && agree(interval.high, expected[1]), place)
            #expect(interval.low >= 0 && interval.high <= 1, place)
        }
    }

    @Test func `without pulls the success rate is between 0 and 1`() {
        let quality = Self.quality(good: 0, of: 0, ageSeconds: nil)
        #expect(quality.successRateBounds == Interval(low: 0, high: 1))
        #expect(quality.latencyP95Bounds == nil && quality.latencyP95Confidence == nil)
        #expect(quality.bounds == Interval(low: 0, high: 0.8))
        #expect(quality.lowConfidence)
    }

    @Test func `the ranks of the p95 agree with exact binomials`() async throws {
        let counts = Array(1...300) + [500, 1_000, 2_345, 3_664]
        let lines = try await Oracle.lines("ranks", counts.map(String.init))
        for (n, line) in zip(counts, lines) {
            let expected = line.split(separator: " ").compactMap { Double($0) }
            let ranks = P95Ranks.of(n)
            let place: Comment = "\(n) values"
            #expect([Double(ranks.lower), Double(ranks.upper)] == Array(expected.prefix(2)), place)
            #expect(agree(ranks.confidence, expected[2]), place)
            #expect(ranks == P95Ranks(count: n), place)
            let nearest = (19 * n + 19) / 20
            #expect(ranks.lower >= 1 && ranks.lower <= nearest, place)
            #expect(ranks.upper >= nearest && ranks.upper <= n, place)
            #expect(ranks.confidence >= 0.95 || n < 59, place)
        }
    }

    @Test func `with few latencies the p95 is below the largest, with the true confidence`() {
        let latencies = (1...11).map { Double($0) / 100 }
        let quality = Self.quality(good: 11, of: 11, latencies: latencies.shuffled())
        #expect(quality.latencyP95Bounds == Interval(low: 0.09, high: 0.11))
        #expect(quality.latencyP95 == 0.11)
        // F is 1 or 2, binomial (11, 0.05).
        let (one, two) = (11 * 0.05 * pow(0.95, 10.0), 55 * 0.0025 * pow(0.95, 9.0))
        #expect(agree(quality.latencyP95Confidence ?? 0, one + two))
    }

    @Test func `the interval of the quality results from those of its terms`() {
        let latencies = [0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8]
        let quality = Self.quality(good: 8, of: 10, latencies: latencies, ageSeconds: 300)
        let success = Interval.wilson(successes: 8, of: 10)
        // F is 0 to 2 with 95 %, so the ranks are 6 and 8.
        #expect(quality.latencyP95Bounds == Interval(low: 0.6, high: 0.8))
        let freshness = 0.2 * quality.freshness
        let low = 0.5 * success.low + 0.3 * 0.6 + freshness
        let high = 0.5 * success.high + 0.3 * 0.7 + freshness
        #expect(agree(quality.bounds.low, low))
        #expect(agree(quality.bounds.high, high))
    }

    @Test func `without a good pull the latency score is 0 at both ends`() {
        let quality = Self.quality(good: 0, of: 10, ageSeconds: nil)
        #expect(quality.bounds.low == 0)
        let high = Interval.wilson(successes: 0, of: 10).high
        #expect(agree(quality.bounds.high, 0.5 * high))
        #expect(!quality.lowConfidence)
    }

    @Test func `without a known latency the interval depends on the other terms`() {
        let quality = Self.quality(good: 10, of: 10, latencies: [])
        let low = Interval.wilson(successes: 10, of: 10).low
        #expect(agree(quality.bounds.low, (0.5 * low + 0.2) / 0.7))
        #expect(quality.bounds.high == 1)
    }

    /// Good pulls, pulls, and whether the confidence is low, with the default settings.
    @Test(arguments: [
        (0, 0, true), (1, 1, true), (2, 2, true), (3, 3, false), (4, 4, false), (10, 10, false),
        (11, 11, false), (0, 1, true), (0, 2, true), (0, 3, false), (2, 4, true), (3, 5, true),
        (5, 11, false), (9, 11, false),
    ])
    func `the confidence is low if the interval is wider than 0_3`(
        good: Int,
        pulls: Int,
        isLow: Bool
    ) {
        let quality = Self.quality(good: good, of: pulls)
        #expect(quality.lowConfidence == isLow)
        #expect((quality.bounds.width > 0.3) == isLow)
    }

    @Test func `scattered latencies make the confidence of a full window low`() {
        let latencies = Array(repeating: 0.02, count: 8) + [0.02, 1, 1.9]
        #expect(Self.quality(good: 11, of: 11, latencies: latencies).lowConfidence)
        #expect(!Self.quality(good: 11, of: 11).lowConfidence)
    }

    @Test func `every quality is in its interval`() {
        var generator = SeededGenerator(seed: 8)
        for round in 0..<5_000 {
            var scoring = Scoring.standard
            scoring.weights = Weights(
                success: .random(in: 0...1_000, using: &generator),
                latency: .random(in: 0...1_000, using: &generator),
                freshness: .random(in: 0...10, using: &generator)
            )
            let pulls = Int.random(in: 0...80, using: &generator)
            let good = Int.random(in: 0...pulls, using: &generator)
            let known = Int.random(in: 0...good, using: &generator)
            let quality = Self.quality(
                good: good,
                of: pulls,
                latencies: (0..<known).map { _ in .random(in: 0...3, using: &generator) },
                ageSeconds: .random(in: 0...1_000, using: &generator),
                scoring
            )
            let (bounds, success) = (quality.bounds, quality.successRateBounds)
            #expect(bounds.low <= quality.value && quality.value <= bounds.high, "round \(round)")
            #expect(bounds.low >= 0 && bounds.high <= 1, "round \(round)")
            #expect(success.low <= quality.successRate, "round \(round)")
            #expect(success.high >= quality.successRate, "round \(round)")
            guard let p95 = quality.latencyP95, let ends = quality.latencyP95Bounds else {
                continue
            }
            #expect(ends.low <= p95 && p95 <= ends.high, "round \(round)")
        }
    }
}
