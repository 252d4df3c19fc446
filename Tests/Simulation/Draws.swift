import Federation
import TestSupport
import Timing

/// Random draws of pulls and of federations, which check the intervals, the influence and the
/// robust N.
///
/// All numbers come from the values of the service: `Quality`, `Influence` and `Novelty`.
struct Draws {
    /// How often an interval contained the true value.
    struct Coverage {
        var name: String
        var share: Double
        /// The nominal confidence of the interval.
        var promised: Double
    }

    /// What one liar among some peers changes.
    struct Moves {
        var peers: Int
        /// The largest changes of N and of the robust N.
        var novelty = 0.0
        var robust = 0.0
        /// How often `influence` lists the liar first.
        var first = 0
    }

    /// Draws of each kind.
    static let count = 5_000
    /// The largest difference of an honest G* from the common value.
    static let honestSpread = 0.03
    /// The numbers of peers of which one lies.
    static let federations = [3, 5, 10, 100]
    /// The sampling error that `count` draws may have: four standard errors.
    private static let error = 0.03

    private let fault: Fault?
    private var generator: SeededGenerator
    private(set) var success: [Coverage] = []
    private(set) var p95: [Coverage] = []
    private(set) var moves: [Moves] = []

    /// Makes all draws.
    init(_ scenario: Scenario) {
        fault = scenario.fault
        generator = SeededGenerator(seed: scenario.seed ^ 0x6472_6177_7300_0000)
        let rates: [(name: String, rate: Double?)] = [
            ("any rate", nil), ("rate 0.5", 0.5), ("rate 0.9", 0.9), ("rate 0.99", 0.99),
        ]
        for (name, rate) in rates {
            let share = countShare { $0.coversRate(rate, scenario.scoring) }
            success.append(Coverage(name: name, share: share, promised: 0.95))
        }
        for latencies in [11, 30, 59, 100] {
            p95.append(coverP95(of: latencies, scenario.scoring))
        }
        for peers in Self.federations { moves.append(moveByLiar(among: peers)) }
    }

    /// The share of draws in which `isCovered` is true.
    private mutating func countShare(_ isCovered: (inout Draws) -> Bool) -> Double {
        var covered = 0
        for _ in 0..<Self.count where isCovered(&self) { covered += 1 }
        return Double(covered) / Double(Self.count)
    }

    /// Whether the interval of a window contains the rate; nil draws a rate.
    private mutating func coversRate(_ rate: Double?, _ scoring: Scoring) -> Bool {
        let rate = rate ?? .random(in: 0...1, using: &generator)
        let pulls = Int.random(in: 1...22, using: &generator)
        var good = 0
        for _ in 0..<pulls where Double.random(in: 0..<1, using: &generator) < rate { good += 1 }
        let quality = Quality(
            pulls: pulls,
            goodPulls: good,
            durations: [],
            ageSeconds: 0,
            scoring: scoring
        )
        var interval = quality.successRateBounds
        if fault == .wilson { interval = interval.halved(around: quality.successRate) }
        return interval.low <= rate && rate <= interval.high
    }

    /// The coverage of the p95 of latencies that are uniform in 0...1.
    private mutating func coverP95(of latencies: Int, _ scoring: Scoring) -> Coverage {
        var promised = 0.0
        let share = countShare { draws in
            let quality = Quality(
                pulls: latencies,
                goodPulls: latencies,
                durations: (0..<latencies).map { _ in .random(in: 0..<1, using: &draws.generator) },
                ageSeconds: 0,
                scoring: scoring
            )
            promised = quality.latencyP95Confidence ?? .nan
            guard var interval = quality.latencyP95Bounds, let p95 = quality.latencyP95
            else { return false }
            if draws.fault == .ranks { interval = interval.halved(around: p95) }
            return interval.low <= 0.95 && 0.95 <= interval.high
        }
        return Coverage(name: "\(latencies) latencies", share: share, promised: promised)
    }

    /// Federations whose honest nodes nearly agree; then one node claims 0 or 1.
    private mutating func moveByLiar(among peers: Int) -> Moves {
        var moves = Moves(peers: peers)
        for _ in 0..<Self.count {
            let common = Double.random(in: 0.3...0.7, using: &generator)
            let honest = (0..<peers)
                .map { _ in
                    common + .random(in: -Self.honestSpread...Self.honestSpread, using: &generator)
                }
            let liar = Int.random(in: 0..<peers, using: &generator)
            var gStars = honest
            gStars[liar] = Bool.random(using: &generator) ? 0 : 1
            let novelty = Novelty.of(gStars)
            moves.novelty = max(moves.novelty, abs(novelty - Novelty.of(honest)))
            let robust = fault == .robust ? Novelty.of : Novelty.robust
            moves.robust = max(moves.robust, abs(robust(gStars) - robust(honest)))
            let counted = gStars.enumerated()
                .map { CountedPeer(label: "\($0)", nodeID: "node-\($0)", gStar: $1) }
            let ranked = Influence.ranked(counted, novelty: novelty)
            let first = fault == .liars ? ranked.last : ranked.first
            if first?.peer.label == "\(liar)" { moves.first += 1 }
        }
        return moves
    }

    /// Checks what these draws must show.
    func check(_ checks: inout Checks) throws(Violation) {
        func expect(
            _ invariant: Invariant,
            _ holds: Bool,
            _ detail: String
        ) throws(Violation) {
            try checks.expect(invariant, holds, "drawn", Comparison.end, detail)
        }
        let anyRate = success[0].share
        try expect(.wilson, anyRate >= 0.93, "it contains \(anyRate) of the rates")
        for row in p95 {
            let isKept = abs(row.share - row.promised) < Self.error
            try expect(.ranks, isKept, "\(row.name): \(row.share) instead of \(row.promised)")
        }
        for row in moves {
            let detail = "\(row.first) of \(Self.count) times among \(row.peers) peers"
            try expect(.liars, row.first == Self.count, detail)
            guard row.peers == 10 else { continue }
            try expect(.robust, row.robust < 0.1, "it moved by \(row.robust)")
        }
    }
}

extension Interval {
    /// The interval with half of the distances from `value`: a fault.
    fileprivate func halved(around value: Double) -> Interval {
        Interval(low: (low + value) / 2, high: (high + value) / 2)
    }
}
