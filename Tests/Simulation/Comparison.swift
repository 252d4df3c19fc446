import Federation

@testable import Timing

/// How far one liar moves the others: the same two hours with nobody lying, and with the last node
/// saying that its G* is at either end of what is allowed.
///
/// The others are asked, but for the first, whose one peer can give it no N.
struct Comparison {
    /// One of the three runs.
    struct Run {
        var name: String
        /// N and the built-in G* of the honest nodes, mean over all ticks.
        var novelty: Double
        var gStar: Double
        /// By how much the mean N is off the honest one, and the N of one tick at most.
        var moved: Double
        var movedMost: Double
    }

    /// The last moment that is compared.
    static let end = Instant(seconds: 7_200)

    private(set) var runs: [Run] = []
    /// How many peers each of them has.
    let peers: Int
    /// By how much one of n peers can move an N: 2 sqrt(n - 1) / n.
    ///
    /// For sigma moves by sqrt(n - 1) / n.
    let bound: Double

    /// Runs all three.
    init(_ scenario: Scenario) throws(Violation) {
        peers = scenario.peers(of: 1).count
        bound = 2 * Double(peers - 1).squareRoot() / Double(peers)
        var honest: [Double] = []
        for (name, lying) in [
            ("nobody lies", Scenario.Lying.nobody),
            ("one says G* = 0", .last(gStar: 0)),
            ("one says G* = 1", .last(gStar: 1)),
        ] {
            var scenario = scenario
            scenario.lying = lying
            var simulation = Simulation(scenario)
            try simulation.run(until: min(Self.end, Instant(seconds: scenario.seconds)))
            let outcome = simulation.outcome
            if honest.isEmpty { honest = outcome.novelties }
            let moves = zip(outcome.novelties, honest).map { $0 - $1 }
            runs.append(
                Run(
                    name: name,
                    novelty: Self.mean(outcome.novelties),
                    gStar: Self.mean(outcome.gStars),
                    moved: Self.mean(moves),
                    movedMost: moves.map(\.magnitude).max() ?? 0
                )
            )
        }
    }

    private static func mean(_ values: [Double]) -> Double {
        values.isEmpty ? 0 : values.reduce(0, +) / Double(values.count)
    }
}
