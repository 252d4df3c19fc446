/// The options of a run.
struct Options {
    var nodes = 20
    var days = 1.0
    var seed: UInt64 = 1
    /// The planted fault; nil for none.
    var fault: Fault?
    /// Measures detection for this many node-years instead; nil for a simulation.
    var detectionYears: Double?
    var wantsHelp = false

    /// The sizes of a federation; with fewer than four nodes, no honest node has an N.
    static let nodesAllowed = 4...10_000
    /// In days: from the shortest run that contains every disruption, to ten years.
    static let daysAllowed = 0.02...3_650
    static let yearsAllowed = 0.001...100

    /// What is wrong with the arguments, as a sentence.
    struct Misuse: Error {
        var sentence: String
    }

    /// Parses the arguments after the program's name.
    init(parsing arguments: ArraySlice<String>) throws(Misuse) {
        var rest = arguments
        while let flag = rest.popFirst() {
            if flag == "--help" || flag == "-h" {
                wantsHelp = true
                continue
            }
            guard ["--nodes", "--days", "--detection", "--seed", "--break"].contains(flag) else {
                throw Misuse(sentence: "\(flag) is not an option; --help lists them")
            }
            guard let value = rest.popFirst() else {
                throw Misuse(sentence: "\(flag) needs a value")
            }
            try take(flag, value)
        }
    }

    private mutating func take(_ flag: String, _ value: String) throws(Misuse) {
        switch flag {
        case "--nodes":
            guard let number = Int(value), Self.nodesAllowed.contains(number) else {
                throw Misuse(sentence: "--nodes must be an integer in \(Self.nodesAllowed)")
            }
            nodes = number
        case "--days":
            guard let number = Double(value), Self.daysAllowed.contains(number) else {
                throw Misuse(sentence: "--days must be a number in \(Self.daysAllowed)")
            }
            days = number
        case "--detection":
            guard let number = Double(value), Self.yearsAllowed.contains(number) else {
                throw Misuse(sentence: "--detection must be a number in \(Self.yearsAllowed)")
            }
            detectionYears = number
        case "--seed":
            guard let number = UInt64(value) else {
                throw Misuse(sentence: "--seed must be an integer from 0 to \(UInt64.max)")
            }
            seed = number
        default:
            guard let known = Fault(rawValue: value) else {
                let names = Fault.allCases.map(\.rawValue).joined(separator: ", ")
                throw Misuse(sentence: "--break must be one of \(names)")
            }
            fault = known
        }
    }

    /// The command that repeats the run.
    var command: String {
        (detectionYears.map { "simulate --detection \($0)" }
            ?? "simulate --nodes \(nodes) --days \(days)")
            + " --seed \(seed)" + (fault.map { " --break \($0.rawValue)" } ?? "")
    }
}

extension Options {
    /// The text of `--help`.
    static var help: String {
        let faults = Fault.allCases.map { fault in
            "  \(fault.rawValue.padded(to: 13))\(fault.sentence)\n"
        }
        let invariants = Invariant.allCases.map { invariant in
            "  \(invariant.rawValue.padded(to: 13))\(invariant.sentence)\n"
        }
        return """
            simulate [--nodes N] [--days D] [--seed S] [--break NAME]
            simulate --detection YEARS [--seed S] [--break NAME]

            Simulates a federation in one process with the schedule, ledger and governor of the
            service. The network delays and loses messages and is sometimes cut. Machines pause,
            restart and set their clocks. One node in ten lies. Time is virtual and there is one
            thread, so the seed determines everything.

            With --detection it measures, for 10 nodes that pull each other, the time from a death
            to `down` on all others, and false downs per node-year. It compares the service with
            a naive rule and with phi-accrual on the same pulls, with lost packets, pauses and
            outages. It prints tables in Markdown.

              --nodes N    number of nodes (20); each pulls at most the next \(Scenario.mostPeers)
              --days D     simulated time in days of 24 hours (1)
              --detection YEARS
                           node-years of each disturbance with the default interval
              --seed S     seed of all random draws (1)
              --break NAME plants a fault; the run must then fail

            Exits with 0 if all invariants held, with 64 for invalid arguments, and otherwise with
            1, after printing seed, time, node and invariant.

            Invariants. Each step checks its node, and every 15 s of virtual time all nodes are
            checked. G* is checked at the ticks of its governor; clocks, intervals, liars and stale
            numbers at the end:
            \(invariants.joined())
            Faults:
            \(faults.joined())
            """
    }
}
