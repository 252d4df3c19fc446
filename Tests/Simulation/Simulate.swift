import Federation
import Glibc
import Timing

/// The program: runs a simulation and prints its disruptions and results.
@main
struct Simulate {
    static func main() {
        do throws(Options.Misuse) {
            let options = try Options(parsing: CommandLine.arguments.dropFirst())
            if options.wantsHelp {
                print(Options.help)
            } else {
                exit(options.detectionYears.map { detect($0, options) } ?? run(options))
            }
        } catch {
            print("simulate: \(error.sentence)")
            exit(64)
        }
    }

    /// Measures detection and prints the tables.
    private static func detect(_ years: Double, _ options: Options) -> Int32 {
        let detection = Detection(years: years, seed: options.seed, fault: options.fault)
        print(DetectionText(detection: detection, seed: options.seed).text)
        do throws(Detection.Breach) {
            try detection.check()
            return 0
        } catch {
            print(
                """

                broken     \(error.name): \(error.sentence)
                found      \(error.detail)
                repeat     \(options.command)
                """
            )
            return 1
        }
    }

    /// Runs everything and prints the table, or the invariant that did not hold.
    private static func run(_ options: Options) -> Int32 {
        do throws(Violation) {
            let scenario = Scenario(options)
            var simulation = Simulation(scenario)
            try simulation.run(until: Instant(seconds: scenario.seconds))
            try compareClocks(&simulation)
            let draws = Draws(scenario)
            try draws.check(&simulation.checks)
            var frozen = Frozen(scenario)
            try frozen.run(&simulation.checks)
            let table = Table(
                options: options,
                outcome: simulation.outcome,
                checks: simulation.checks,
                comparison: try Comparison(scenario),
                draws: draws
            )
            print(table.text)
            return hasCheckedAll(simulation.checks, options) ? 0 : 1
        } catch {
            let seconds = error.at.seconds(since: Instant(nanoseconds: 0))
            print(
                """
                broken     \(error.invariant.rawValue): \(error.invariant.sentence)
                found      \(error.detail)
                node       \(error.node)
                moment     \(seconds) s
                seed       \(options.seed)
                repeat     \(options.command)
                """
            )
            return 1
        }
    }

    /// The same disruptions on machines whose clocks are never set must lead to the same decisions.
    private static func compareClocks(_ simulation: inout Simulation) throws(Violation) {
        guard simulation.outcome.clocksSet > 0 else { return }
        var scenario = simulation.scenario
        scenario.setsClocks = false
        var twin = Simulation(scenario)
        try twin.run(until: min(Comparison.end, Instant(seconds: scenario.seconds)))
        for (number, mark) in twin.outcome.marks.enumerated() {
            for node in simulation.nodes {
                try simulation.checks.expect(
                    .clocks,
                    mark[node.index] == simulation.outcome.marks[number][node.index],
                    node.nodeID,
                    Instant(nanoseconds: 0) + Scenario.tick * (number + 1),
                    "its decisions differ from this moment on"
                )
            }
        }
    }

    /// Whether each invariant was checked; prints those that were not.
    private static func hasCheckedAll(_ checks: Checks, _ options: Options) -> Bool {
        let unchecked = Invariant.allCases.filter { checks[$0] == 0 }
        for invariant in unchecked {
            print("no check of \(invariant.rawValue): \(invariant.sentence)")
        }
        if !unchecked.isEmpty { print("repeat     \(options.command)") }
        return unchecked.isEmpty
    }
}
