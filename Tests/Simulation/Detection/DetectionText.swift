import Federation
import Timing

/// The tables of a run, in Markdown.
struct DetectionText {
    var detection: Detection
    var seed: UInt64

    /// The rules of the first two tables.
    private static let shown = DownRule.naiveAndService + [.phi(8)]

    var text: String {
        ([title, ""] + times + [""] + falseDowns + [""] + points).joined(separator: "\n")
    }

    private var title: String {
        let deaths = detection.cells.first?.deaths.count ?? 0
        let others = DetectionTrial.nodes - 1
        return """
            # Detection, seed \(seed)

            \(DetectionTrial.nodes) nodes, each pulls the \(others) others; \(deaths) deaths with \
            each disturbance and the default interval. `simulate --detection` prints this page.

            \(Disturbance.allCases.map { "- \($0.rawValue): \($0.phrase)" }.joined(separator: "\n"))
            """
    }

    private var defaults: [Detection.Cell] {
        detection.cells.filter { $0.interval == Scenario.interval }
    }

    /// The time to detection with the default interval, without a disturbance by kind of death.
    private var times: [String] {
        var rows: [String] = []
        for cell in defaults {
            let kinds: [Death.Kind?] =
                cell.disturbance == .none ? Death.Kind.allCases.map(\.self) : [nil]
            for kind in kinds {
                let name = cell.disturbance.rawValue + (kind.map { ", \($0.rawValue)" } ?? "")
                let values = Self.shown.map { rule in
                    "\(cell.time(rule, 0.5, kind).short) / \(cell.time(rule, 0.99, kind).short)"
                }
                rows.append(Self.row([name] + values))
            }
        }
        return head(["seconds to `down` on all, p50 / p99"] + Self.shown.map(\.name)) + rows
    }

    private var falseDowns: [String] {
        let rows = defaults.map { cell in
            let values = Self.shown.map { cell.rate($0).rateText(in: cell.nodeYears) }
            return Self.row([cell.disturbance.rawValue] + values)
        }
        return head(["false downs per node-year"] + Self.shown.map(\.name)) + rows
    }

    /// One row for each point of the curves.
    private var points: [String] {
        let rows = detection.cells.flatMap { cell in
            let isDefault = cell.interval == Scenario.interval
            return (isDefault ? DownRule.all : DownRule.naiveAndService)
                .map { rule in
                    Self.row([
                        cell.disturbance.rawValue,
                        rule.name,
                        "\(Int(cell.interval.inSeconds))",
                        cell.time(rule, 0.5, nil).short,
                        cell.time(rule, 0.99, nil).short,
                        cell.rate(rule).rateText(in: cell.nodeYears),
                        cell.nodeYears.fixed(3),
                    ])
                }
        }
        let names = [
            "disturbance", "rule", "interval, s", "p50, s", "p99, s", "false downs per node-year",
            "node-years",
        ]
        return head(names) + rows
    }

    private func head(_ names: [String]) -> [String] {
        let lines = ["---"] + names.dropFirst().map { _ in "---:" }
        return [Self.row(names), "|" + lines.joined(separator: "|") + "|"]
    }

    private static func row(_ cells: [String]) -> String {
        "| " + cells.joined(separator: " | ") + " |"
    }
}

extension Detection.Cell {
    /// A percentile of the times to detection, of one kind of death or of all.
    func time(_ rule: DownRule, _ share: Double, _ kind: Death.Kind?) -> Double {
        guard let place = DownRule.all.firstIndex(of: rule) else { return .nan }
        let seconds = zip(detections[place], deaths)
            .filter { kind == nil || $1.kind == kind }
            .map(\.0)
            .sorted()
        let rank = (share * Double(seconds.count)).rounded(.up)
        return seconds[max(0, Int(rank) - 1)]
    }

    /// False downs per node-year.
    func rate(_ rule: DownRule) -> Double {
        guard let place = DownRule.all.firstIndex(of: rule) else { return .nan }
        return Double(falseDowns[place]) / nodeYears
    }
}

extension Double {
    /// With one decimal; `never` if it did not happen before the restart.
    fileprivate var short: String { isFinite ? fixed(1) : "never" }

    /// Three digits; zero with the time in which it did not happen.
    fileprivate func rateText(in years: Double) -> String {
        if self == 0 { return "0 in \(years.fixed(2))" }
        return self < 100 ? fixed(1) : Int(rounded()).grouped
    }
}
