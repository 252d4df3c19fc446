import Federation
import Timing

/// How far one lying node moves the others: three runs of the same two hours.
///
/// In the first no node lies. In the others the last node claims the smallest or the largest G*.
/// The first node is not compared, because with a single peer its N is 0.
struct Comparison {
    /// One of the three runs.
    struct Run {
        var name: String
        /// N and the built-in G* of the honest nodes, as means over all ticks.
        var novelty: Double
        var gStar: Double
        /// The largest change of the mean N and of the N of one tick.
        var moved: Double
        var movedMost: Double
        /// The mean of the robust N, and its largest change.
        var robust: Double
        var robustMovedMost: Double
    }

    /// The last compared moment.
    static let end = Instant(seconds: 7_200)

    private(set) var runs: [Run] = []
    /// The number of peers of each compared node.
    let peers: Int
    /// The most by which one of n peers can move N: 2 sqrt(n - 1) / n.
    ///
    /// Sigma moves by sqrt(n - 1) / n.
    let bound: Double

    /// Runs all three.
    init(_ scenario: Scenario) throws(Violation) {
        peers = scenario.peers(of: 1).count
        bound = 2 * Double(peers - 1).squareRoot() / Double(peers)
        var honest: (novelties: [Double], robust: [Double])?
        for (name, lying) in [
            ("no node lies", Scenario.Lying.noNode),
            ("one claims G* = 0", .last(gStar: 0)),
            ("one claims G* = 1", .last(gStar: 1)),
        ] {
            var scenario = scenario
            scenario.lying = lying
            var simulation = Simulation(scenario)
            try simulation.run(until: min(Self.end, Instant(seconds: scenario.seconds)))
            let outcome = simulation.outcome
            let truth = honest ?? (novelties: outcome.novelties, robust: outcome.robustNovelties)
            honest = truth
            let moves = zip(outcome.novelties, truth.novelties).map { $0 - $1 }
            let robustMoves = zip(outcome.robustNovelties, truth.robust).map { abs($0 - $1) }
            runs.append(
                Run(
                    name: name,
                    novelty: Self.mean(outcome.novelties),
                    gStar: Self.mean(outcome.gStars),
                    moved: Self.mean(moves),
                    movedMost: moves.map(\.magnitude).max() ?? 0,
                    robust: Self.mean(outcome.robustNovelties),
                    robustMovedMost: robustMoves.max() ?? 0
                )
            )
        }
    }

    private static func mean(_ values: [Double]) -> Double {
        values.isEmpty ? 0 : values.reduce(0, +) / Double(values.count)
    }
}
