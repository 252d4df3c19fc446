import Foundation
import TestSupport
import Testing

/// Every query of the dashboard on a real Prometheus that scrapes real nodes with failures.
@Suite struct DashboardQueryTests {
    private let dashboard: Dashboard

    init() throws {
        dashboard = try Dashboard.shipped()
    }

    /// The expected values of panels with one number, for the federation below.
    private static let numbers = [
        // C pulls A and a dead peer.
        "Live peers": 1.0,
        // The five peers of A.
        "Configured peers": 5,
        // The three peers of A that serve no metrics.
        "Nodes down": 3,
        "Ready": 1,
        "Good peers": 1,
        // The second twin.
        "Identity problems": 1,
        "Slots missed": 0,
    ]

    /// Three nodes: A has peers that fail and peers with one node id, B has a source.
    private func withTroubledFederation(
        _ body: (Prometheus, [String]) async throws -> Void
    ) async throws {
        let places = try ["127.0.0.11", "127.0.0.12", "127.0.0.13"].map(RunningNode.place)
        let (a, b, c) = (places[0], places[1], places[2])
        let twins = [
            try ScriptedPeer(.summary(nodeID: "twin", gStar: 0.9)),
            try ScriptedPeer(.summary(nodeID: "twin", gStar: 0.9)),
        ]
        let gone = "http://127.0.0.1:\(try freePort())"
        let directory = try TemporaryDirectory()
        let summary = summaryJSON(nodeID: "file", gStar: 0.6, ts: Date().timeIntervalSince1970)
        let source = try directory.write(
            summary.dropLast() + #","tri_coherence":0.5}"#,
            to: "source.json"
        )
        let nodes = [
            try RunningNode(
                at: a,
                peers: [
                    "beta=http://\(b)", "http://\(c)", "twin-1=\(twins[0].url)",
                    "twin-2=\(twins[1].url)", "gone=\(gone)",
                ]
            ),
            try RunningNode(
                at: b,
                peers: ["http://\(a)", "http://\(c)"],
                ["NOVA_FED_LOCAL_SOURCE": "file:\(source)"]
            ),
            try RunningNode(at: c, peers: ["http://\(a)", "gone=\(gone)"]),
        ]
        let shipped = try ShippedPrometheus(asking: a, b)
        try await withPrometheus(configuration: shipped.configuration) { prometheus in
            try await eventually("each node was scraped", within: .seconds(30)) {
                try await prometheus.query("nova_wisdom_peers > 0").count == nodes.count
            }
            try await body(prometheus, places)
        }
    }

    /// Requests the values of each variable as Grafana does, using the earlier variables.
    private func choices(
        of prometheus: Prometheus,
        _ places: [String]
    ) async throws -> Dashboard.Choices {
        var choices = Dashboard.Choices()
        var found: [String: [String]] = [:]
        for variable in dashboard.templating.list where variable.type == "query" {
            let definition = try #require(variable.definition)
            let query = try #require(definition.wholeMatch(of: /label_values\((.+), (\w+)\)/))
            let series = choices.applied(to: String(query.output.1))
            let values = try await prometheus.get(
                "label/\(query.output.2)/values?match[]=\(Prometheus.escaped(series))",
                as: [String].self
            )
            choices.chooseAll(values, for: variable.name)
            found[variable.name] = values
        }
        #expect(found["job"] == ["nova-federation"])
        #expect(found["instance"] == places.sorted())
        #expect(Set(found["peer"] ?? []).isSuperset(of: ["beta", "gone", "twin-1", "twin-2"]))
        return choices
    }

    @Test func `each query has data, and the labels of its legend`() async throws {
        try await withTroubledFederation { prometheus, places in
            let choices = try await choices(of: prometheus, places)
            for panel in dashboard.shown {
                for target in panel.targets ?? [] {
                    let samples = try await samples(of: target, in: panel, choices, prometheus)
                    check(samples, of: target, in: panel)
                }
            }
            #expect(Set(Self.numbers.keys).isSubset(of: dashboard.shown.map(\.title)))
        }
    }

    /// The samples of a query, once they contain a number and, if it is known, the expected one.
    private func samples(
        of target: Dashboard.Target,
        in panel: Dashboard.Panel,
        _ choices: Dashboard.Choices,
        _ prometheus: Prometheus
    ) async throws -> [Prometheus.Sample] {
        let expression = choices.applied(to: target.expr)
        #expect(!expression.contains("$"), "\(panel.title): \(expression)")
        let number = panel.type == "stat" ? Self.numbers[panel.title] : nil
        var samples: [Prometheus.Sample] = []
        try await eventually("\(panel.title) has data: \(expression)", within: .seconds(20)) {
            samples = try await prometheus.samples(expression)
            return number.map { samples.map(\.value) == [$0] }
                ?? samples.contains { !$0.value.isNaN }
        }
        return samples
    }

    /// Expects that the samples have the labels and units that the panel shows.
    private func check(
        _ samples: [Prometheus.Sample],
        of target: Dashboard.Target,
        in panel: Dashboard.Panel
    ) {
        let columns = (panel.transformations ?? [])
            .flatMap { Array(($0.options.renameByName ?? [:]).keys) }
        let named =
            panel.type == "table"
            ? columns.filter { !$0.hasPrefix("Value") }
            : target.legendFormat.matches(of: /{{(\w+)}}/).map { String($0.output.1) }
        for sample in samples {
            // A column of a table may come from another query.
            let isSingle = panel.type != "table" || panel.targets?.count == 1
            for label in named where isSingle {
                #expect(sample.labels[label] != nil, "\(panel.title): \(label) of \(sample.labels)")
            }
            if panel.fieldConfig?.defaults.unit.hasPrefix("dateTime") == true {
                let age = Date().timeIntervalSince1970 - sample.value / 1000
                #expect((0..<60).contains(age), "\(panel.title): Grafana expects milliseconds")
            }
        }
    }
}
