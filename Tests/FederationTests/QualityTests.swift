import Federation
import TestSupport
import Testing

@Suite struct QualityTests {
    /// One case of Fixtures/quality.json.
    struct Case: Decodable {
        struct Expected: Decodable {
            var quality: Double
            var successRate: Double
            var latencyP95S: Double
            var freshness: Double
        }

        var pullsSucceeded: [Bool]
        var durationsS: [Double]
        var ageSinceLastSuccessS: Double?
        var weights: [Double]
        var latencyCapS: Double
        var freshnessTauS: Double
        var expect: Expected

        /// The age that the vectors were computed with: the difference of two Unix times, which as
        /// doubles have steps of 2^-22 s.
        private var age: Double? {
            ageSinceLastSuccessS.map { ($0 * 0x1p22).rounded() / 0x1p22 }
        }

        /// The quality of this case, with the given durations.
        var quality: Quality {
            var scoring = Scoring.standard
            scoring.weights = Weights(
                success: weights[0],
                latency: weights[1],
                freshness: weights[2]
            )
            scoring.latencyCapSeconds = latencyCapS
            scoring.freshnessTauSeconds = freshnessTauS
            return Quality(
                pulls: pullsSucceeded.count,
                goodPulls: pullsSucceeded.count { $0 },
                durations: durationsS,
                ageSeconds: age,
                scoring: scoring
            )
        }
    }

    @Test func `the formulas agree with the vectors`() throws {
        let cases = try Vectors<Case>("quality").cases
        #expect(!cases.isEmpty)
        for (index, vector) in cases.enumerated() {
            let (quality, expected) = (vector.quality, vector.expect)
            #expect(agree(quality.value, expected.quality), "case \(index)")
            #expect(agree(quality.successRate, expected.successRate), "case \(index)")
            #expect(agree(quality.latencyP95 ?? 0, expected.latencyP95S), "case \(index)")
            #expect(agree(quality.freshness, expected.freshness), "case \(index)")
        }
    }

    @Test(arguments: [
        (1, 1), (2, 2), (5, 5), (19, 19), (20, 19), (21, 20), (39, 38), (40, 38), (41, 39),
        (100, 95), (3_600, 3_420),
    ])
    func `p95 uses the nearest rank`(n: Int, rank: Int) {
        let durations = (1...n).map(Double.init).shuffled()
        #expect(quality(durations: durations).latencyP95 == Double(rank))
    }

    @Test func `the latency score is 1 at zero, 0.5 at half the cap and 0 from the cap on`() {
        #expect(quality(durations: [0]).latencyScore == 1)
        #expect(quality(durations: [1]).latencyScore == 0.5)
        #expect(quality(durations: [2]).latencyScore == 0)
        #expect(quality(durations: [60]).latencyScore == 0)
        #expect(quality(durations: []).latencyScore == 0)
    }

    @Test func `a peer that never answered scores zero, however fast it refuses`() {
        var ledger = Ledger.with(peers: 1)
        ledger.record(all: (0..<20).map { .failed(0, at: Double($0), took: 0.0001) })
        let quality = ledger.report(at: 20).peers[0].quality
        #expect(quality.value == 0)
        #expect(quality.latencyP95 == nil)
        #expect(quality.samples == 20)
    }

    @Test func `only good pulls affect the latency`() {
        var ledger = Ledger.with(peers: 1)
        ledger.record(all: (0..<18).map { .good(0, at: Double($0), .from("n"), took: 0.1) })
        ledger.record(all: [.failed(0, at: 18, .timedOut, took: 2.5)])
        ledger.record(all: [.failed(0, at: 19, .timedOut, took: 2.5)])
        let quality = ledger.report(at: 20).peers[0].quality
        #expect(quality.latencyP95 == 0.1)
        #expect(quality.successRate == 0.9)
    }

    @Test func `freshness uses the last good pull, however old`() {
        var ledger = Ledger.with(peers: 1)
        ledger.record(all: [.good(0, at: 0, .from("n"))])
        ledger.record(all: (1...40).map { .failed(0, at: Double($0) * 30) })
        let quality = ledger.report(at: 1_200).peers[0].quality
        #expect(agree(quality.freshness, 0.018_315_638_888_734_18))
        #expect(quality.successRate == 0)
        #expect(agree(quality.value, 0.2 * quality.freshness))
    }

    @Test func `only the proportions of the weights matter`() {
        var doubled = Scoring.standard
        doubled.weights = Weights(success: 1, latency: 0.6, freshness: 0.4)
        let plain = quality(durations: [0.3, 0.5])
        #expect(agree(quality(durations: [0.3, 0.5], doubled).value, plain.value))
        #expect(agree(plain.value, 0.5 + 0.3 * 0.75 + 0.2))
    }

    @Test func `quality and its terms stay between zero and one`() {
        var generator = SeededGenerator(seed: 5)
        for round in 0..<2_000 {
            var scoring = Scoring.standard
            scoring.weights = Weights(
                success: .random(in: 0...1_000, using: &generator),
                latency: .random(in: 0...1_000, using: &generator),
                freshness: .random(in: 0...1, using: &generator)
            )
            scoring.latencyCapSeconds = .random(in: 0.001...60, using: &generator)
            scoring.freshnessTauSeconds = .random(in: 1...86_400, using: &generator)
            let pulls = Int.random(in: 0...50, using: &generator)
            let good = Int.random(in: 0...pulls, using: &generator)
            let quality = Quality(
                pulls: pulls,
                goodPulls: good,
                durations: (0..<good).map { _ in .random(in: 0...70, using: &generator) },
                ageSeconds: .random(in: -1_000...100_000, using: &generator),
                scoring: scoring
            )
            for term in [
                quality.value, quality.successRate, quality.latencyScore, quality.freshness,
            ] {
                #expect((0...1).contains(term), "round \(round)")
            }
        }
    }

    @Test func `good pulls without a duration do not change the value through the latency`() {
        let scoring = Scoring.standard
        func quality(good: Int, _ durations: [Double], age: Double = 0) -> Quality {
            Quality(
                pulls: 10,
                goodPulls: good,
                durations: durations,
                ageSeconds: age,
                scoring: scoring
            )
        }
        let unknown = quality(good: 8, [])
        #expect(unknown.latencyP95 == nil)
        #expect(unknown.latencyScore == unknown.value)
        // 0.5 and 0.2, divided by their sum.
        #expect(abs(unknown.value - (0.5 * 0.8 + 0.2) / 0.7) < 1e-12)
        #expect(quality(good: 10, []).value == 1)
        // One known duration is enough.
        #expect(quality(good: 10, [0.2]).latencyP95 == 0.2)
        #expect(abs(quality(good: 10, [0.2]).value - 0.97) < 1e-12)
        #expect(quality(good: 0, []).latencyScore == 0)
    }

    private func quality(
        durations: [Double],
        _ scoring: Scoring = .standard
    ) -> Quality {
        Quality(
            pulls: durations.count,
            goodPulls: durations.count,
            durations: durations,
            ageSeconds: 0,
            scoring: scoring
        )
    }
}
