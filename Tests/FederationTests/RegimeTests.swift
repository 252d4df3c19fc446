import TestSupport
import Testing

@testable import Federation

@Suite struct RegimeTests {
    /// One case of Fixtures/governor.json.
    struct Case: Decodable {
        struct Step: Decodable {
            struct Expected: Decodable {
                var eta: Double
                var mode: String
            }

            var margin: Double
            var g: Double
            var expect: Expected
        }

        var etaStart: Double
        var etaMin: Double
        var etaMax: Double
        var steps: [Step]
    }

    @Test func `regimes and requested etas agree with the vectors`() throws {
        let cases = try Vectors<Case>("governor").cases
        #expect(!cases.isEmpty)
        for (index, vector) in cases.enumerated() {
            var bounds = EtaBounds()
            (bounds.least, bounds.most) = (vector.etaMin, vector.etaMax)
            var eta = vector.etaStart
            for (number, step) in vector.steps.enumerated() {
                let regime = Regime(margin: step.margin, gStar: step.g, thresholds: .init())
                eta = regime.eta(after: eta, within: bounds)
                #expect(
                    regime.rawValue == step.expect.mode.lowercased(),
                    "case \(index), step \(number)"
                )
                #expect(agree(eta, step.expect.eta), "case \(index), step \(number)")
            }
        }
    }

    /// S, G*, then eta after 0.10, and the regime.
    static let table: [(Double, Double, Double, Regime)] = [
        (0.005, 0.5, 0.05, .critical), (-0.1, 0.5, 0.05, .critical),
        (0.01, 0.5, 0.08, .stabilizing), (0.015, 0.6, 0.08, .stabilizing),
        (0.02, 0.6, 0.08, .safe), (0.05, 0.9, 0.08, .safe), (0.051, 0.70, 0.12, .optimal),
        (0.08, 0.69, 0.08, .safe), (0.10, 0.3, 0.08, .safe), (0.100_000_1, 0.3, 0.11, .exploring),
        (0.15, 0.6, 0.08, .safe), (0.15, 0.7, 0.12, .optimal), (.nan, 0.5, 0.08, .safe),
    ]

    @Test(arguments: table)
    func `the first regime that fits decides`(
        margin: Double,
        gStar: Double,
        eta: Double,
        expected: Regime
    ) {
        let regime = Regime(margin: margin, gStar: gStar, thresholds: .init())
        #expect(regime == expected)
        #expect(agree(regime.eta(after: 0.10, within: .init()), eta))
    }

    @Test func `exploring raises eta by a tenth per step, up to 0.18`() {
        let steps = [0.11, 0.121, 0.1331, 0.14641, 0.161_051, 0.177_156_1, 0.18, 0.18]
        var eta = 0.10
        for step in steps {
            eta = Regime.exploring.eta(after: eta, within: .init())
            #expect(agree(eta, step))
        }
        var wide = EtaBounds()
        wide.most = 0.5
        #expect(Regime.exploring.eta(after: 0.2, within: wide) == 0.18)
    }

    /// In Nova, stabilizing has no maximum of eta, and exploring no minimum.
    @Test(arguments: Regime.allCases)
    func `every regime keeps eta within its bounds`(regime: Regime) {
        var bounds = EtaBounds()
        (bounds.least, bounds.most) = (0.02, 0.06)
        #expect((0.02...0.06).contains(regime.eta(after: 0.1, within: bounds)))
        (bounds.least, bounds.most) = (0.3, 0.9)
        #expect((0.3...0.9).contains(regime.eta(after: 0.1, within: bounds)))
    }

    @Test func `each threshold moves one boundary`() {
        func regime(
            _ margin: Double,
            _ gStar: Double,
            _ change: (inout Regime.Thresholds) -> Void
        ) -> Regime {
            var thresholds = Regime.Thresholds()
            change(&thresholds)
            return Regime(margin: margin, gStar: gStar, thresholds: thresholds)
        }
        #expect(regime(0.012, 0.5) { $0.criticalMargin = 0.015 } == .critical)
        #expect(regime(0.03, 0.5) { $0.stabilizingMargin = 0.04 } == .stabilizing)
        #expect(regime(0.08, 0.5) { $0.exploringMargin = 0.07 } == .exploring)
        #expect(regime(0.2, 0.65) { $0.exploringGStar = 0.66 } == .exploring)
        #expect(regime(0.04, 0.8) { $0.optimalMargin = 0.03 } == .optimal)
        #expect(regime(0.06, 0.65) { $0.optimalGStar = 0.65 } == .optimal)
    }
}
