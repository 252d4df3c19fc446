import Federation

/// The table at the end of a run.
struct Table {
    var options: Options
    var outcome: Outcome
    var checks: Checks
    var comparison: Comparison
    var draws: Draws

    var text: String {
        ([title] + pulls + failures + disruptions + numbers + liar + intervals + lies
            + checked + ends)
            .joined(separator: "\n")
    }

    private var title: String {
        "\(options.nodes) nodes, \(options.days) simulated days, seed \(options.seed)\n"
    }

    private var pulls: [String] {
        let failed = outcome.failures.values.reduce(0, +)
        return [
            line("pulls", outcome.started),
            line("  good", outcome.good),
            line("  failed", failed),
            line("  lost to own pause", outcome.heldUp),
            line("slots missed", outcome.missed),
            line("changes reported", outcome.changes),
        ]
    }

    private var failures: [String] {
        ["", "failures"]
            + FailureReason.allCases.compactMap { reason in
                outcome.failures[reason].map { line("  \(reason.rawValue)", $0) }
            }
    }

    private var disruptions: [String] {
        [
            "", "disruptions",
            line("  pauses", outcome.pauses),
            line("  restarts", outcome.restarts),
            line("  network cuts", outcome.cuts),
            line("  clocks set", outcome.clocksSet),
        ]
    }

    private var numbers: [String] {
        [
            "", "".padded(to: 20) + columns(["minimum", "mean", "maximum"]),
            row("N", [outcome.novelty.least, outcome.novelty.mean, outcome.novelty.most]),
            row("G* (built in)", [outcome.gStar.least, outcome.gStar.mean, outcome.gStar.most]),
        ]
    }

    private var liar: [String] {
        let head = columns(["N", "G*", "N moved", "at a tick", "robust N", "at a tick"])
        let rows = comparison.runs.map { run in
            row(
                run.name,
                [
                    run.novelty, run.gStar, run.moved, run.movedMost, run.robust,
                    run.robustMovedMost,
                ]
            )
        }
        return ["", "honest nodes, if".padded(to: 20) + head] + rows + [
            "alone, one of \(comparison.peers) peers can move an N by "
                + "\(comparison.bound.fixed(3)) at most"
        ]
    }

    private var intervals: [String] {
        let rows = (draws.success + draws.p95).map { row($0.name, [$0.share, $0.promised]) }
        return ["", "interval".padded(to: 20) + columns(["contains", "promised"])] + rows
    }

    /// What one node of a federation that nearly agrees can do.
    private var lies: [String] {
        let rows = draws.moves.map { row("\($0.peers) peers", [$0.novelty, $0.robust]) }
        return ["", "one liar moves".padded(to: 20) + columns(["N", "robust N"])] + rows
    }

    private var checked: [String] {
        ["", "checks"] + Invariant.allCases.map { line("  \($0.rawValue)", checks[$0]) }
    }

    private var ends: [String] {
        [
            "",
            "digest    " + outcome.digest.text,
            "seed      \(options.seed)",
        ]
    }

    private func line(_ name: String, _ count: Int) -> String {
        name.padded(to: 25) + count.grouped.padded(to: -14)
    }

    private func row(_ name: String, _ values: [Double]) -> String {
        name.padded(to: 20) + columns(values.map { $0.fixed(3) })
    }

    private func columns(_ texts: [String]) -> String {
        texts.map { $0.padded(to: -10) }.joined()
    }
}

extension String {
    /// Padded with blanks to this width: after the text, or before it if the width is negative.
    func padded(to width: Int) -> String {
        let blanks = String(repeating: " ", count: max(0, abs(width) - count))
        return width < 0 ? blanks + self : self + blanks
    }
}

extension Int {
    /// With groups of three digits.
    var grouped: String {
        let digits = String(self)
        return digits.enumerated()
            .map { place, digit in
                let isEdge = place > 0 && (digits.count - place) % 3 == 0
                return isEdge ? ",\(digit)" : "\(digit)"
            }
            .joined()
    }
}

extension Double {
    /// With this many decimals; the shifted number must fit an Int.
    func fixed(_ decimals: Int) -> String {
        var scale = 1
        for _ in 0..<decimals { scale *= 10 }
        guard isFinite else { return description }
        let shifted = Int((magnitude * Double(scale)).rounded())
        let rest = String(shifted % scale)
        let zeros = String(repeating: "0", count: decimals - rest.count)
        return (self < 0 && shifted > 0 ? "-" : "") + "\(shifted / scale).\(zeros)\(rest)"
    }
}
