import Foundation
import TestSupport
import Testing

@testable import Federation

/// The influence of each node on N, and the robust N.
@Suite struct InfluenceTests {
    private static func peers(_ gStars: [Double]) -> [CountedPeer] {
        gStars.enumerated()
            .map { CountedPeer(label: "peer-\($0)", nodeID: "node-\($0)", gStar: $1) }
    }

    private static func ranked(_ gStars: [Double]) -> [Influence] {
        Influence.ranked(peers(gStars), novelty: Novelty.of(gStars))
    }

    /// Federations of every kind: random, equal, nearly equal, at the ends, with one or two
    /// values far from the others, large.
    private static let federations: [[Double]] = {
        var generator = SeededGenerator(seed: 9)
        var all: [[Double]] = [
            [], [0.4], [0.3, 0.7], [0.5, 0.5], [0, 1], [0.3, 0.3, 0.9], [0, 0, 1, 1],
            [0.7, 0.7 + 2e-12, 0.3], [0.3, 0.3 + 1e-16, 0.3], [.leastNonzeroMagnitude, 0, 1],
            [0.1, 0.1 + 1e-9, 0.1 - 1e-9, 1],
            (0..<400).map { _ in .random(in: 0...1, using: &generator) },
            [1] + Array(repeating: 0.1, count: 400),
            [1] + (0..<400).map { _ in .random(in: 0.3...(0.3 + 1e-7), using: &generator) },
        ]
        while all.count < 500 {
            let count = Int.random(in: 1...40, using: &generator)
            let common = Double.random(in: 0...1, using: &generator)
            let spread: Double = pow(10.0, Double.random(in: -16...0, using: &generator))
            var gStars = (0..<count)
                .map { _ in
                    (common + .random(in: -spread...spread, using: &generator)).clampedToUnit
                }
            for _ in 0..<Int.random(in: 0...2, using: &generator) {
                gStars[.random(in: 0..<count, using: &generator)] =
                    .random(in: 0...1, using: &generator)
            }
            all.append(gStars)
        }
        return all
    }()

    @Test func `N, the robust N and each influence agree with an independent computation`()
        async throws
    {
        let input = Self.federations.map { "[\($0.map { "\($0)" }.joined(separator: ","))]" }
        let lines = try await Oracle.lines("novelty", input)
        #expect(lines.count == 500)
        for (gStars, line) in zip(Self.federations, lines) {
            let expected = try JSONDecoder().decode([Double].self, from: Data(line.utf8))
            let place: Comment = "\(gStars)"
            #expect(agree(Novelty.of(gStars), expected[0]), place)
            #expect(agree(Novelty.robust(gStars), expected[1]), place)
            let ranked = Self.ranked(gStars)
            #expect(Set(ranked.map(\.peer)) == Set(Self.peers(gStars)), place)
            for influence in ranked {
                let index = try #require(Int(influence.peer.label.dropFirst(5)))
                #expect(agree(influence.noveltyWithout, expected[2 + index]), place)
                #expect(agree(influence.influence, expected[0] - expected[2 + index]), place)
            }
            let largest = ranked.first?.influence.magnitude ?? 0
            #expect(Novelty.largestInfluence(in: gStars) == largest, place)
        }
    }

    @Test func `the largest magnitude comes first, and equal ones keep their order`() {
        let ranked = Self.ranked([0.5, 0, 1])
        // Without 0.5, N rises from 0.82 to 1; without one of the ends, it falls to 0.5.
        #expect(ranked.map(\.peer.label) == ["peer-1", "peer-2", "peer-0"])
        #expect(ranked[0].influence > 0.3 && ranked[2].influence < -0.18)
        #expect(Self.ranked([0.4, 0.4, 0.4]).map(\.peer.label) == ["peer-0", "peer-1", "peer-2"])
    }

    @Test func `with two peers the influence of each is N, and with one peer it is 0`() {
        #expect(Self.ranked([0.3, 0.7]).map(\.noveltyWithout) == [0, 0])
        #expect(Self.ranked([0.3, 0.7]).allSatisfy { agree($0.influence, 0.4) })
        #expect(Self.ranked([0.9]).map(\.influence) == [0])
        #expect(Self.ranked([]).isEmpty)
        #expect(Novelty.largestInfluence(in: []) == 0)
    }

    @Test func `equal peers have an influence of exactly 0`() {
        for count in 1...50 {
            let ranked = Self.ranked(Array(repeating: 0.1, count: count))
            #expect(ranked.allSatisfy { $0.influence == 0 && $0.noveltyWithout == 0 })
        }
    }

    private static let spreads: [([Double], Double)] = [
        ([], 0), ([0.5], 0), ([0, 1], 1), ([0.3, 0.3, 1], 0), ([0.3, 0.4, 0.5], 0.296_52),
        ([0, 0.25, 0.5, 0.75, 1], 0.7413), ([0.2, 0.4, 0.6, 0.8], 0.593_04),
    ]

    @Test(arguments: spreads)
    func `the robust N is the scaled median deviation`(gStars: [Double], expected: Double) {
        #expect(agree(Novelty.robust(gStars), expected))
        #expect(agree(Novelty.robust(gStars.reversed()), expected))
    }

    @Test func `the peers that count are listed once for each node id, by label`() {
        var ledger = Ledger.with(peers: 4)
        ledger.record(all: [
            .good(3, at: 0, .from("x", gStar: 0.2)), .good(1, at: 1, .from("y", gStar: 0.7)),
            .good(0, at: 2, .from("y", gStar: 0.9)), .good(2, at: 2, .from("here", gStar: 1)),
        ])
        let report = ledger.report(at: 3)
        #expect(report.countedPeers.count == report.liveCount)
        #expect(report.countedPeers.map(\.nodeID).sorted() == ["x", "y"])
        #expect(report.countedPeers.map(\.gStar).sorted() == report.peerGStars.sorted())
        #expect(report.countedPeers.map(\.label) == report.countedPeers.map(\.label).sorted())
    }
}
