import Foundation
import TestSupport
import Testing

/// deploy/prometheus/prometheus.yml: a real Prometheus finds and scrapes real nodes.
@Suite struct ScrapeTests {
    /// The scraped instances and their health, one for each target.
    private static func targets(of prometheus: Prometheus) async throws -> [String] {
        let active = try await prometheus.get("targets?state=active")["activeTargets"]
        return (active as? [[String: Any]] ?? [])
            .map { target in
                let labels = target["labels"] as? [String: String] ?? [:]
                return "\(labels["instance"] ?? "none") \(target["health"] ?? "")"
            }
            .sorted()
    }

    static func expect(
        _ targets: [String],
        of prometheus: Prometheus,
        _ sentence: String,
        sourceLocation: SourceLocation = #_sourceLocation
    ) async throws {
        var found: [String] = []
        let holds = try await eventually(
            sentence,
            within: .seconds(20),
            sourceLocation: sourceLocation
        ) {
            found = try await Self.targets(of: prometheus)
            return found == targets.sorted()
        }
        if !holds { Issue.record("found \(found)", sourceLocation: sourceLocation) }
    }

    /// Waits until this many targets are discovered, and then until they are merged.
    ///
    /// Each step takes up to five seconds.
    private static func waitUntil(_ prometheus: Prometheus, hasMerged count: Int) async throws {
        func value(_ series: String) async throws -> Double? {
            try await prometheus.probe.get("/metrics").text.split(separator: "\n")
                .first { $0.hasPrefix(series) }
                .flatMap { $0.split(separator: " ").last.flatMap { Double($0) } }
        }
        let discovered = #"prometheus_sd_discovered_targets{config="nova-federation""#
        try await eventually("\(count) targets are discovered", within: .seconds(20)) {
            try await value(discovered) == Double(count)
        }
        let merged = #"prometheus_target_sync_length_seconds_count{scrape_job="nova-federation"}"#
        let before = try await value(merged) ?? 0
        try await eventually("they are merged", within: .seconds(20)) {
            try await value(merged) ?? 0 > before
        }
    }

    @Test func `promtool accepts the configuration`() async throws {
        let finished = try await run(
            try tool(named: "promtool", package: "prometheus"),
            ["check", "config", deployed("prometheus/prometheus.yml")]
        )
        #expect(finished.ending == .exit(0), "\(finished.log)")
    }

    @Test func `with one list of names, the names can be labels`() async throws {
        let places = try ["127.0.0.11", "127.0.0.12"].map(RunningNode.place)
        let list = zip(["alpha", "beta"], places).map { "\($0)=http://\($1)" }
        let nodes = try places.map { try RunningNode(at: $0, peers: list) }
        let naming = try #require(
            try MonitoringPageTests.pieces().first { $0.contains("target_label: node") }
        )
        let shipped = try ShippedPrometheus(asking: places[0], places[1]) { text in
            // Without the static targets at the end, which have no name.
            text.components(separatedBy: "    # The same two without discovery")[0] + naming
        }
        try await withPrometheus(configuration: shipped.configuration) { prometheus in
            try await Self.waitUntil(prometheus, hasMerged: 2 + 2)
            try await eventually("both are up, each once", within: .seconds(20)) {
                try await prometheus.samples("up == 1").map { $0.labels["node"] ?? "" }.sorted()
                    == ["alpha", "beta"]
            }
            #expect(nodes.allSatisfy { $0.process.poll() == nil })
        }
    }

    @Test func `one node is enough to find all, and each is scraped once`()
        async throws
    {
        let places = try ["127.0.0.11", "127.0.0.12", "127.0.0.13", "127.0.0.14"]
            .map(RunningNode.place)
        let (a, b, c, d) = (places[0], places[1], places[2], places[3])
        // A and B list each other, and C under two names; C lists no peers, and D is added later.
        var first = try RunningNode(at: a, peers: ["b=http://\(b)", "c=http://\(c)"])
        let others = [
            try RunningNode(at: b, peers: ["http://\(a)", "third=http://\(c)"]),
            try RunningNode(at: c, peers: []),
        ]
        let up = [a, b, c].map { "\($0) up" }

        let shipped = try ShippedPrometheus(asking: a, a)
        try await withPrometheus(configuration: shipped.configuration) { prometheus in
            try await Self.expect(up, of: prometheus, "one node finds all three")
            try shipped.point(to: a, b)
            prometheus.process.send(SIGHUP)
            // A, B and C from A and from B, and the two static targets.
            try await Self.waitUntil(prometheus, hasMerged: 3 + 3 + 2)
            try await Self.expect(up, of: prometheus, "two nodes find the same three, once each")

            first.process.kill()
            try await Self.expect(
                ["\(a) down", "\(b) up", "\(c) up"],
                of: prometheus,
                "a node that is down stays a target, and the others are found without it"
            )

            let fourth = try RunningNode(at: d, peers: [])
            first = try RunningNode(
                at: a,
                peers: ["b=http://\(b)", "c=http://\(c)", "http://\(d)"]
            )
            try await Self.expect(up + ["\(d) up"], of: prometheus, "an added peer is found")
            #expect(fourth.process.poll() == nil && others.allSatisfy { $0.process.poll() == nil })
        }
    }
}
