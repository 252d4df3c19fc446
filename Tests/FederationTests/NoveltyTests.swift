import Federation
import TestSupport
import Testing

@Suite struct NoveltyTests {
    /// One case of Fixtures/novelty.json.
    struct Case: Decodable {
        struct Expected: Decodable {
            var novelty: Double
        }

        var peerGStars: [Double]
        var expect: Expected
    }

    @Test func `novelty agrees with the vectors`() throws {
        let cases = try Vectors<Case>("novelty").cases
        #expect(!cases.isEmpty)
        for (index, vector) in cases.enumerated() {
            #expect(
                agree(Novelty.of(vector.peerGStars), vector.expect.novelty),
                "case \(index)"
            )
        }
    }

    private static let spreads: [([Double], Double)] = [
        ([0.3, 0.5, 0.7], 0.326_598_632_371_090_4),
        ([0.2, 0.7], 0.5),
        ([0, 1, 1], 0.942_809_041_582_063_4),
        ([0.25, 0.35], 0.1),
        ([0, 1], 1),
        ([0.9], 0),
        ([], 0),
    ]

    @Test(arguments: spreads)
    func `novelty is the standard deviation divided by a half`(gStars: [Double], expected: Double) {
        #expect(agree(Novelty.of(gStars), expected))
    }

    @Test func `equal peers have exactly no novelty`() {
        var generator = SeededGenerator(seed: 6)
        for count in 0..<200 {
            let gStar = Double.random(in: 0...1, using: &generator)
            #expect(Novelty.of(Array(repeating: gStar, count: count)) == 0, "\(count) x \(gStar)")
        }
    }

    @Test func `a deviation far below the values is not lost`() {
        #expect(abs(Novelty.of([0.7, 0.7 + 2e-12]) - 2e-12) < 1e-15)
    }

    @Test func `novelty stays between zero and one in every order of peers`() {
        var generator = SeededGenerator(seed: 7)
        for round in 0..<500 {
            let count = Int.random(in: 0...40, using: &generator)
            let gStars = (0..<count).map { _ in Double.random(in: 0...1, using: &generator) }
            let novelty = Novelty.of(gStars)
            #expect((0...1).contains(novelty), "round \(round)")
            #expect(agree(Novelty.of(gStars.sorted()), novelty), "round \(round)")
        }
    }
}
