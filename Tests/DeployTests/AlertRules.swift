import Foundation
import TestSupport
import YAMLReader

/// The rules under deploy/prometheus and their cases for promtool, as text.
struct AlertRules {
    struct Alert {
        var name: String
        var expression: String
        var labels: [String: String]
        var annotations: [String: String]
    }

    /// A moment of a case, and whether an alert must fire then.
    struct Check {
        var alert: String
        var fires: Bool
    }

    /// The folder of runbook.md on an installed machine.
    static let runbookFolder = "/usr/share/doc/nova-federation/docs"
    static let files = ["recording.yml", "alerts.yml"].map { deployed("prometheus/rules/\($0)") }

    private(set) var alerts: [Alert] = []
    /// The expressions of recorded series, by name.
    private(set) var recorded: [String: String] = [:]

    init() throws {
        for file in Self.files {
            for group in try Self.list("groups", of: Self.document(file)) {
                for rule in try Self.list("rules", of: group) { try add(rule) }
            }
        }
    }

    private mutating func add(_ rule: [String: Any]) throws {
        guard let expression = rule["expr"] as? String else {
            throw TestError("A rule has no expression: \(rule).")
        }
        if let name = rule["record"] as? String {
            recorded[name] = expression
        } else if let name = rule["alert"] as? String {
            alerts.append(
                Alert(
                    name: name,
                    expression: expression,
                    labels: rule["labels"] as? [String: String] ?? [:],
                    annotations: rule["annotations"] as? [String: String] ?? [:]
                )
            )
        }
    }

    /// The files of cases.
    static func caseFiles() throws -> [String] {
        let folder = deployed("prometheus/tests")
        return try FileManager.default.contentsOfDirectory(atPath: folder).sorted()
            .map { "\(folder)/\($0)" }
    }

    /// Every case of every file.
    static func cases() throws -> [[String: Any]] {
        try caseFiles().flatMap { try list("tests", of: document($0)) }
    }

    /// The moments of all cases at which an alert is checked.
    static func checks() throws -> [Check] {
        try cases().flatMap { $0["alert_rule_test"] as? [[String: Any]] ?? [] }
            .map { check in
                guard let alert = check["alertname"] as? String,
                    let expected = check["exp_alerts"] as? [Any]
                else { throw TestError("A case checks no alert: \(check)") }
                return Check(alert: alert, fires: !expected.isEmpty)
            }
    }

    private static func document(_ path: String) throws -> [String: Any] {
        let bytes = try [UInt8](Data(contentsOf: URL(fileURLWithPath: path)))
        guard let document = try YAMLNode.document(bytes)?.plain as? [String: Any] else {
            throw TestError("\(path) is not a YAML mapping.")
        }
        return document
    }

    private static func list(
        _ key: String,
        of document: [String: Any]
    ) throws -> [[String: Any]] {
        guard let list = document[key] as? [[String: Any]], !list.isEmpty else {
            throw TestError("There is nothing under \(key).")
        }
        return list
    }
}

extension YAMLNode {
    /// The node as text, lists and dictionaries.
    fileprivate var plain: Any {
        switch content {
        case .scalar(let text): return text
        case .sequence(let items): return items.map(\.plain)
        case .mapping(let pairs):
            return Dictionary(
                pairs.map { ($0.key.text ?? "", $0.value.plain) },
                uniquingKeysWith: { first, _ in first }
            )
        }
    }
}

/// A series in an expression or a case: `name{label="value"}`.
struct Selector: Hashable {
    var name: String
    /// Empty if there is no label.
    var labels: Set<String>
    /// The text between the braces; nil without braces.
    var matchers: String?

    /// Every series in a PromQL expression, without functions, labels and keywords.
    static func all(in expression: String) -> [Selector] {
        expression.matches(of: /([a-z][a-z0-9_:]*)(?:\{([^}]*)\})?/)
            .compactMap { match in
                let name = String(match.output.1)
                let isSeries =
                    name == "up" || name.contains(":") || name.hasPrefix("nova_")
                    || name.hasPrefix("process_")
                guard isSeries else { return nil }
                let matchers = match.output.2.map(String.init)
                let labels = (matchers ?? "").matches(of: /(\w+)(?:=~|!~|!=|=)"/)
                    .map { String($0.output.1) }
                return Selector(name: name, labels: Set(labels), matchers: matchers)
            }
    }
}

/// The labels of each series, including those that Prometheus adds.
struct SeriesLabels {
    private var labels: [String: Set<String>] = ["up": targetLabels]

    /// The labels that Prometheus adds to each series of a target.
    private static let targetLabels: Set = ["job", "instance"]

    /// Reads contracts/metrics.md; the first part of a recorded series' name lists its labels.
    init(recorded: some Collection<String>) throws {
        let contract = try String(
            contentsOfFile: "\(packageRoot)/contracts/metrics.md",
            encoding: .utf8
        )
        for line in contract.split(separator: "\n") {
            guard let row = line.firstMatch(of: /^\| `(\w+)` \| (\w+) \| ([\w, ]+?) \|/) else {
                continue
            }
            let (_, name, type, own) = row.output
            let all = Self.targetLabels.union(
                own == "none" ? [] : own.split(separator: ", ").map(String.init)
            )
            if type == "histogram" {
                labels["\(name)_bucket"] = all.union(["le"])
                labels["\(name)_sum"] = all
                labels["\(name)_count"] = all
            } else {
                labels[String(name)] = all
            }
        }
        for name in recorded {
            let level = name.prefix { $0 != ":" }.split(separator: "_").map(String.init)
            labels[name] = Self.targetLabels.union(level)
        }
    }

    /// The labels of a series; nil if it is neither exposed nor recorded.
    subscript(name: String) -> Set<String>? { labels[name] }
}
