import Foundation
import TestSupport
import Testing

/// The rules and their cases agree with the contract and pass promtool.
@Suite struct AlertTests {
    private let rules: AlertRules
    private let labels: SeriesLabels

    init() throws {
        rules = try AlertRules()
        labels = try SeriesLabels(recorded: rules.recorded.keys)
    }

    private func promtool(_ arguments: [String]) async throws -> ProcessResult {
        try await run(try tool(named: "promtool", package: "prometheus"), arguments)
    }

    @Test func `promtool accepts the rules`() async throws {
        let finished = try await promtool(["check", "rules", "--lint-fatal"] + AlertRules.files)
        #expect(finished.ending == .exit(0), "\(finished.output)\(finished.log)")
    }

    @Test func `every case passes`() async throws {
        let finished = try await promtool(["test", "rules"] + AlertRules.caseFiles())
        #expect(finished.ending == .exit(0), "\(finished.output)\(finished.log)")
    }

    @Test func `the cases detect an alert that does not wait`() async throws {
        let directory = try TemporaryDirectory()
        let folder = "\(directory.path)/prometheus"
        try FileManager.default.copyItem(atPath: deployed("prometheus"), toPath: folder)
        let unpaused = try String(contentsOfFile: "\(folder)/rules/alerts.yml", encoding: .utf8)
            .replacing(/\n +for: \w+/, with: "")
        _ = try directory.write(unpaused, to: "prometheus/rules/alerts.yml")
        let finished = try await promtool(["test", "rules", "\(folder)/tests/node.yml"])
        #expect(finished.ending == .exit(1))
        #expect("\(finished.output)\(finished.log)".contains("NovaFederationNodeDown"))
    }

    @Test func `each alert has a case in which it fires and one in which it is silent`() throws {
        let checks = try AlertRules.checks()
        let names = Set(rules.alerts.map(\.name))
        #expect(names.count == rules.alerts.count && names.count > 30)
        #expect(Set(checks.filter(\.fires).map(\.alert)) == names)
        #expect(Set(checks.filter { !$0.fires }.map(\.alert)) == names)
    }

    @Test func `rules use existing series and labels, and always the job`() throws {
        let expressions = rules.alerts.map(\.expression) + rules.recorded.values
        for selector in expressions.flatMap(Selector.all(in:)) {
            guard let known = labels[selector.name] else {
                Issue.record("\(selector.name) is not exposed")
                continue
            }
            #expect(selector.labels.subtracting(known) == [], "\(selector.name)")
            let matchers = selector.matchers ?? ""
            #expect(matchers.contains(#"job="nova-federation""#), "\(selector.name)")
        }
    }

    @Test func `the series in cases have their real labels`() throws {
        let inputs = try AlertRules.cases().flatMap { $0["input_series"] as? [[String: Any]] ?? [] }
        #expect(inputs.count > 200)
        for input in inputs {
            let text = try #require(input["series"] as? String)
            let selector = try #require(Selector.all(in: text).first)
            // The labels of another job are not known.
            guard text.contains(#"job="nova-federation""#) else { continue }
            #expect(selector.labels == labels[selector.name], "\(text)")
        }
    }

    @Test func `series and their labels are found in an expression`() {
        let expression = """
            sum by (job) (rate(nova_a_total{job="x",code!~"up|b"}[5m])) > 0
            and on (job) up == 1 or instance:b:c > nova_d
            """
        #expect(
            Selector.all(in: expression) == [
                Selector(
                    name: "nova_a_total",
                    labels: ["job", "code"],
                    matchers: #"job="x",code!~"up|b""#
                ),
                Selector(name: "up", labels: []),
                Selector(name: "instance:b:c", labels: []),
                Selector(name: "nova_d", labels: []),
            ]
        )
    }

    @Test func `each recorded series is used, and its name has three parts`() {
        let read =
            rules.alerts.flatMap { Selector.all(in: $0.expression) }
            + rules.recorded.values.flatMap { Selector.all(in: $0) }
        for name in rules.recorded.keys {
            #expect(name.wholeMatch(of: /[a-z_]+:nova_[a-z0-9_]+:[a-z0-9_]+/) != nil, "\(name)")
            #expect(read.contains { $0.name == name }, "\(name)")
        }
    }

    @Test func `a node that does not stop is reported before systemd kills it`() throws {
        let alerts = try String(contentsOfFile: AlertRules.files[1], encoding: .utf8)
        let unit = try String(
            contentsOfFile: deployed("debian/nova-federation.service"),
            encoding: .utf8
        )
        let rule = /- alert: NovaFederationDrainingLong\n.*\n +for: (\d+)m\n/
        let wait = try #require(alerts.firstMatch(of: rule).flatMap { Int($0.output.1) })
        let stop = try #require(unit.firstMatch(of: /\nTimeoutStopSec=(\d+)\n/))
        // Half a minute for a scrape and an evaluation, and half a minute to read the alert.
        #expect(try (wait + 1) * 60 <= #require(Int(stop.output.1)))
    }

    @Test func `each alert has a severity, a summary, a description and a runbook link`() {
        for alert in rules.alerts {
            let severity = alert.labels["severity"] ?? "none"
            #expect(["critical", "warning", "info"].contains(severity), "\(alert.name)")
            #expect(alert.labels.count == 1, "\(alert.name)")
            #expect(
                Set(alert.annotations.keys) == ["summary", "description", "runbook_url"],
                "\(alert.name)"
            )
            let section = "\(AlertRules.runbookFolder)/runbook.md#\(alert.name.lowercased())"
            #expect(alert.annotations["runbook_url"] == section)
        }
    }
}

/// docs/runbook.md has what an operator needs for every alert, and names only what exists.
@Suite struct RunbookTests {
    private let rules: AlertRules
    private let text: String

    init() throws {
        rules = try AlertRules()
        text = try String(contentsOfFile: "\(packageRoot)/docs/runbook.md", encoding: .utf8)
    }

    /// The sections of alerts by their headings.
    private var sections: [(name: String, body: String)] {
        text.components(separatedBy: "\n### ").dropFirst()
            .map { section in
                let lines = section.split(separator: "\n", maxSplits: 1).map(String.init)
                let body = lines.count > 1 ? lines[1] : ""
                return (lines[0], body.components(separatedBy: "\n## ")[0])
            }
    }

    @Test func `the runbook has one section per alert, in the order of the rules`() {
        #expect(sections.map(\.name) == rules.alerts.map(\.name))
    }

    @Test func `each section has the four parts in order, and something to run or to open`() {
        for section in sections {
            let parts = ["**Means.** ", "**Look.** ", "**Do.** ", "**Harmless** "]
            let places = parts.map { section.body.range(of: $0)?.lowerBound }
            #expect(!places.contains(nil), "\(section.name)")
            let found = places.compactMap(\.self)
            #expect(found == found.sorted(), "\(section.name)")
            // A command, a query or a page.
            #expect(section.body.contains("`"), "\(section.name)")
        }
    }

    @Test func `every metric and every setting in the runbook exists`() throws {
        let labels = try SeriesLabels(recorded: rules.recorded.keys)
        let names = Set(
            text.matches(of: /[a-z_:]*nova_(?:federation|wisdom)_[a-z0-9_:]*[a-z0-9]/)
                .map { String($0.output) }
        )
        #expect(names.count > 10)
        for name in names { #expect(labels[name] != nil, "\(name)") }

        let known = try String(
            contentsOfFile: "\(packageRoot)/docs/settings.md",
            encoding: .utf8
        )
        let settings = Set(
            text.matches(of: /(?:NOVA|FEDERATION)_[A-Z0-9_]+/).map { String($0.output) }
        )
        for setting in settings { #expect(known.contains("`\(setting)`"), "\(setting)") }
    }

    @Test func `the table of replaced alerts contains only alerts that exist`() throws {
        let parts = text.components(separatedBy: "\n## What it replaces")
        let table = try #require(parts.count == 2 ? parts[1] : nil)
        let rows = table.split(separator: "\n").filter { $0.hasPrefix("| `Nova") }
        #expect(rows.count > 10)
        for row in rows {
            let ours = row.split(separator: "|")[1]
            let named = ours.matches(of: /`(\w+)`/).map { String($0.output.1) }
            #expect(!named.isEmpty || ours.contains("none"), "\(row)")
            for name in named { #expect(rules.alerts.contains { $0.name == name }, "\(name)") }
        }
    }
}
