import Federation
import TestSupport
import Testing

@Suite struct StabilityTests {
    /// One case of Fixtures/stability.json; an absent Hopf distance means infinite.
    struct Case: Decodable {
        struct Expected: Decodable {
            var spectralRadius: Double
            var stabilityMargin: Double
            var hopfDistance: Double?
            var hopfRisk: Bool
        }

        var a1: Double
        var a2: Double
        var kP: Double
        var kD: Double
        var eta: Double
        var hopfThreshold: Double
        var expect: Expected
    }

    @Test func `the closed form agrees with the vectors`() throws {
        let cases = try Vectors<Case>("stability").cases
        #expect(!cases.isEmpty)
        for (index, vector) in cases.enumerated() {
            let model = Stability.of(vector.a1, vector.a2, vector.kP, vector.kD, eta: vector.eta)
            let expected = vector.expect
            #expect(agree(model.spectralRadius, expected.spectralRadius), "case \(index)")
            #expect(agree(model.margin, expected.stabilityMargin), "case \(index)")
            if let hopf = expected.hopfDistance {
                #expect(agree(model.hopfDistance, hopf), "case \(index)")
            } else {
                #expect(model.hopfDistance == .infinity, "case \(index)")
            }
            #expect(
                (model.hopfDistance < vector.hopfThreshold) == expected.hopfRisk,
                "case \(index)"
            )
        }
    }

    /// a1, a2, kp, kd, eta, then rho, S and H.
    static let table: [[Double]] = [
        [0.2, 0.1, 0.3, 0.15, 0.10, 0.244_948_974_278_317_8, 0.1, 0.175],
        [0.2, 0.1, 0.3, 0.15, 0.05, 0.244_948_974_278_317_8, 0.05, 0.175],
        [0.2, 0.1, 0.3, 0.15, 0.18, 0.244_948_974_278_317_8, 0.175, 0.175],
        [0.2, 0.1, 0.3, 0.15, 0.30, 0.3, 0.175, 0.175],
        [0.2, 0.1, 0.5, 0.05, 0.10, 0.244_948_974_278_317_83, 0.1, 0.125],
        [0.2, 0.1, 0.0, 0.15, 0.10, 0.2, 0.1, .infinity],
        [0.2, 0.1, 0.00625, 0.15, 0.10, 0.175, 0.1, .infinity],
        [0.01, 0.1, 0.3, 0.01, 0.10, 0.173_493_515_728_974_7, 0.01, 0.01],
        [0.001, 0.1, 0.3, 0.001, 0.10, 0.173_207_967_484_177_83, 0.001, 0.001],
        [0.5, 0.1, 0.3, 0.5, 0.10, 0.529_150_262_212_918_2, 0.1, 0.5],
        [0.2, 0.1, -0.5, 0.15, 0.10, 0.4, -0.05, .infinity],
        [-0.2, 0.1, 0.3, 0.1, 0.10, 0.1, -0.05, 0.05],
        [0.2, 0.1, 0.3, 0.15, -0.02, 0.244_948_974_278_317_8, -0.02, 0.175],
    ]

    @Test(arguments: table)
    func `the table of Nova's own results holds`(row: [Double]) {
        let model = Stability.of(row[0], row[1], row[2], row[3], eta: row[4])
        // A double root is not exact in binary: the root of 3e-19 gives 6e-10.
        #expect(abs(model.spectralRadius - row[5]) < (row[2] == 0.00625 ? 1e-9 : 1e-12))
        #expect(agree(model.margin, row[6]))
        #expect(model.hopfDistance == row[7] || agree(model.hopfDistance, row[7]))
    }

    @Test func `the margin of the block does not depend on eta`() {
        for eta in [0, 0.005, 0.1, 1] {
            #expect(agree(Stability.of(0.2, 0.1, 0.3, 0.15, eta: eta).blockMargin, 0.175))
            #expect(agree(Stability.of(0.2, 0.1, -0.5, 0.15, eta: eta).blockMargin, -0.05))
            #expect(agree(Stability.of(0.2, 0.1, 0, 0.15, eta: eta).blockMargin, 0.15))
        }
    }

    @Test func `a mode with a tiny imaginary part does not oscillate`() {
        // d = -4 a2 kp, so that im is sqrt(a2 kp).
        let slow = Stability.of(0.1, 0.000_999 * 0.000_999, 1, 0.1, eta: 0.2)
        #expect(slow.hopfDistance == .infinity)
        #expect(agree(slow.margin, 0.1))
        let quick = Stability.of(0.1, 0.001_001 * 0.001_001, 1, 0.1, eta: 0.2)
        #expect(agree(quick.hopfDistance, 0.1))
    }

    @Test func `for all constants the numbers belong to the eigenvalues`() {
        var generator = SeededGenerator(seed: 42)
        for round in 0..<2_000 {
            let numbers = (0..<4).map { _ in Double.random(in: -1...1, using: &generator) }
            let (a1, a2, kp, kd) = (numbers[0], numbers[1], numbers[2], numbers[3])
            let eta = Double.random(in: 0...1, using: &generator)
            let model = Stability.of(a1, a2, kp, kd, eta: eta)
            #expect(model.margin == min(eta, model.blockMargin), "round \(round)")
            #expect(model.spectralRadius >= max(eta, abs(model.blockMargin)), "round \(round)")
            #expect(model.hopfDistance >= 0, "round \(round)")
            let determinant = a1 * kd + a2 * kp
            let root = -model.blockMargin
            let value = root * root + (a1 + kd) * root + determinant
            if model.hopfDistance == .infinity {
                // The slowest mode is real, or nearly so, and solves the equation.
                #expect(abs(value) < 2e-6, "round \(round)")
            } else {
                // The determinant is the square of the pair's absolute value.
                #expect(model.hopfDistance == abs(root), "round \(round)")
                let radius = max(eta, determinant.squareRoot())
                #expect(abs(model.spectralRadius - radius) < 1e-12, "round \(round)")
            }
        }
    }
}
