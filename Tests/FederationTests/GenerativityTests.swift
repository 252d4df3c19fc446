import TestSupport
import Testing

@testable import Federation
@testable import Timing

@Suite struct GenerativityTests {
    /// One case of Fixtures/generativity.json.
    struct Case: Decodable {
        struct Expected: Decodable {
            var progress: Double
            var consistency: Double
            var gStarUncapped: Double
            var etaBias: Double
        }

        var gammaMean1M: Double
        var gammaMean5M: Double
        var etaSeries1M: [Double]
        var novelty: Double
        var weights: [Double]
        var g0: Double
        var kappa: Double
        var expect: Expected
    }

    @Test func `components, generativity and bias agree with the vectors`() throws {
        let cases = try Vectors<Case>("generativity").cases
        #expect(!cases.isEmpty)
        for (index, vector) in cases.enumerated() {
            let components = Components(
                progress: Generativity.progress(
                    meanOfMinute: vector.gammaMean1M,
                    meanOfFiveMinutes: vector.gammaMean5M
                ),
                novelty: vector.novelty,
                consistency: Generativity.consistency(of: vector.etaSeries1M)
            )
            try #require(vector.weights.count == 3)
            let weights = Generativity.Weights(
                progress: vector.weights[0],
                novelty: vector.weights[1],
                consistency: vector.weights[2]
            )
            let gStar = Generativity.gStar(of: components, weights: weights)
            var bias = EtaBias()
            bias.kappa = vector.kappa
            #expect(agree(components.progress, vector.expect.progress), "case \(index)")
            #expect(agree(components.consistency, vector.expect.consistency), "case \(index)")
            #expect(agree(gStar, vector.expect.gStarUncapped), "case \(index)")
            #expect(
                agree(bias.value(gStar: gStar, g0: vector.g0), vector.expect.etaBias),
                "case \(index)"
            )
        }
    }

    @Test(
        arguments: [
            (0.72, 0.68, 0.058_823_529_411_764_594), (0.65, 0.70, 0), (0.1, 0, 1), (0, 0, 0),
            (1.1, 1, 0.1),
        ] as [(Double, Double, Double)]
    )
    func `progress is the relative growth of gamma`(minute: Double, five: Double, expected: Double)
    {
        let progress = Generativity.progress(meanOfMinute: minute, meanOfFiveMinutes: five)
        #expect(agree(progress, expected))
    }

    @Test(
        arguments: [
            ([0.10, 0.11, 0.10, 0.09], 0.929_289_321_881_345_3),
            ([0.05, 0.15, 0.06, 0.14], 0.547_230_743_093_129_1),
            ([0.1, 0.08], 0.888_888_888_888_888_8), ([0, 0.2], 0), ([0, 0], 1), ([], 1),
        ] as [([Double], Double)]
    )
    func `consistency is the steadiness of eta`(etas: [Double], expected: Double) {
        #expect(agree(Generativity.consistency(of: etas), expected))
    }

    /// P, N, Cc, then G*.
    static let sums: [(Double, Double, Double, Double)] = [
        (0, 0, 1, 0.3), (0, 0.326_598_632_371_090_4, 1, 0.397_979_589_711_327_1),
        (0.06, 0.4, 0.93, 0.423), (1, 1, 1, 1), (1, 0, 1, 0.7),
    ]

    @Test(arguments: sums)
    func `generativity is the weighted sum of its components`(
        progress: Double,
        novelty: Double,
        consistency: Double,
        expected: Double
    ) {
        let components = Components(
            progress: progress,
            novelty: novelty,
            consistency: consistency
        )
        #expect(agree(Generativity.gStar(of: components, weights: .init()), expected))
        let heavy = Generativity.Weights(progress: 1, novelty: 1, consistency: 1)
        #expect(Generativity.gStar(of: components, weights: heavy) <= 1)
    }

    @Test(arguments: [[], [0.9], [0.1, 0.1]] as [[Double]])
    func `a node with fewer than two live peers has at most 0.30`(peers: [Double]) {
        // Gamma has doubled, so the sum alone is 0.7.
        var recent = RecentTicks()
        recent.append(.init(at: Instant(seconds: 0), gamma: 0.1, eta: 0.08))
        recent.append(.init(at: Instant(seconds: 100), gamma: 0.9, eta: 0.08))
        let generativity = Generativity(recent: recent, peerGStars: peers, weights: .init())
        #expect(agree(generativity.components.progress, 0.8))
        #expect(generativity.components.novelty == 0)
        #expect(agree(generativity.gStar, peers.count < 2 ? 0.30 : 0.62))
    }

    @Test func `a constant gamma makes exactly no progress`() {
        var generator = SeededGenerator(seed: 40)
        for _ in 0..<100 {
            var recent = RecentTicks()
            let gamma = Double.random(in: 0...1, using: &generator)
            for index in 0..<23 {
                recent.append(.init(at: Instant(seconds: Double(index) * 15), gamma: gamma, eta: 0))
            }
            let generativity = Generativity(recent: recent, peerGStars: [], weights: .init())
            #expect(generativity.components.progress == 0, "gamma \(gamma)")
        }
    }

    @Test(
        arguments: [
            (0.1, 0.175, true), (0.100_001, 0, false), (0, 0.175_001, false), (0, 0, true),
        ]
    )
    func `the bias acts from both margins on`(
        minMargin: Double,
        minHopfDistance: Double,
        isAllowed: Bool
    ) {
        var bias = EtaBias()
        (bias.minMargin, bias.minHopfDistance) = (minMargin, minHopfDistance)
        // S is 0.1 and H is 0.175.
        #expect(bias.isAllowed(at: .of(0.2, 0.1, 0.3, 0.15, eta: 0.1)) == isAllowed)
    }
}
