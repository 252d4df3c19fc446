import Foundation
import TestSupport
import Testing

/// The shipped rules in a real Prometheus that scrapes a federation of three real nodes.
///
/// Minutes are seconds: `hurried` divides the durations in the rules by sixty, and the nodes pull
/// twice a second. The rules are otherwise unchanged.
@Suite struct AlertLiveTests {
    /// The rules with every duration of minutes or hours divided by sixty.
    private static func hurried(_ rules: String) throws -> String {
        let hurried = rules.replacing(/(for: |\[)(\d+)m/) { "\($0.output.1)\($0.output.2)s" }
            .replacing("[1h]", with: "[60s]")
        guard hurried != rules, hurried.firstMatch(of: /(?:for: |\[)\d+[^s\d]/) == nil else {
            throw TestError("A duration in the rules was not replaced.")
        }
        return hurried
    }

    /// A firing alert: the parts that these tests check.
    private struct Firing: Hashable {
        var name: String
        var instance: String
        var peer: String?
    }

    /// The alerts that have fired since a moment.
    private static func fired(
        _ prometheus: Prometheus,
        since start: ContinuousClock.Instant
    ) async throws -> Set<Firing> {
        let seconds = Int((ContinuousClock.now - start) / .seconds(1))
        let query = #"count_over_time(ALERTS{alertstate="firing"}[\#(seconds)s])"#
        return Set(try await prometheus.samples(query).map { firing($0.labels) })
    }

    private static func firing(_ labels: [String: String]) -> Firing {
        Firing(
            name: labels["alertname"] ?? "",
            instance: labels["instance"] ?? "",
            peer: labels["peer"]
        )
    }

    private static func firingNow(_ prometheus: Prometheus) async throws -> Set<Firing> {
        Set(try await prometheus.samples(#"ALERTS{alertstate="firing"}"#).map { firing($0.labels) })
    }

    @Test
    func `a healthy federation fires no alert, and every node that pulls a dead one does`()
        async throws
    {
        let addresses = try (0..<3).map { _ in "127.0.0.1:\(try freePort())" }
        let directory = try TemporaryDirectory()
        let configuration = try Self.configuration(scraping: addresses, in: directory)
        var nodes = try addresses.map { try Self.node(at: $0, of: addresses) }
        defer { for node in nodes { node.kill() } }
        for address in addresses { try await Self.expectReady(address) }

        try await withPrometheus(configuration: configuration) { prometheus in
            // Discovery takes seconds, which are minutes for the hurried rules.
            try await eventually("all targets are up", within: .seconds(30)) {
                let up = try await prometheus.query("up == 1")
                let firing = try await Self.firingNow(prometheus)
                return up.count == 3 && firing.isEmpty
            }
            let start = ContinuousClock.now
            // The longest `for` of an alert is 15 minutes.
            let isSettled = await eventually("every rule has been evaluated", within: .seconds(60))
            {
                let query = "min(count_over_time(nova_federation_peer_quality[10m]))"
                return ((try? await prometheus.query(query)[""]) ?? 0) >= 20
            }
            #expect(isSettled)
            #expect(try await Self.fired(prometheus, since: start) == [])
            try await Self.expectHealthyRules(prometheus)

            nodes[2].kill()
            let told: Set = [
                Firing(name: "NovaFederationNodeDown", instance: addresses[2]),
                Firing(name: "NovaFederationPeerDown", instance: addresses[0], peer: addresses[2]),
                Firing(name: "NovaFederationPeerDown", instance: addresses[1], peer: addresses[2]),
            ]
            try await eventually("the dead node is reported", within: .seconds(40)) {
                try await Self.firingNow(prometheus).isSuperset(of: told)
            }
            try await Self.expectSummary(
                "\(addresses[0]) cannot pull \(addresses[2])",
                of: "NovaFederationPeerDown",
                prometheus
            )

            nodes[2] = try Self.node(at: addresses[2], of: addresses)
            try await eventually("no alert fires after its return", within: .seconds(40)) {
                try await Self.firingNow(prometheus).isEmpty
            }
            // With one live peer of two the cap of a single node applies, which is an info alert.
            let more = try await Self.fired(prometheus, since: start).subtracting(told)
            #expect(Set(more.map(\.name)).isSubset(of: ["NovaWisdomGenerativityCapped"]), "\(more)")
            try await Self.expectHealthyRules(prometheus)
        }
        for node in nodes { #expect(node.poll() == nil, "\(node.log)") }
    }

    private static func configuration(
        scraping addresses: [String],
        in directory: TemporaryDirectory
    ) throws -> String {
        let files = try AlertRules.files.map { file in
            let name = URL(fileURLWithPath: file).lastPathComponent
            return try directory.write(
                hurried(try String(contentsOfFile: file, encoding: .utf8)),
                to: name
            )
        }
        return try directory.write(
            """
            global: {scrape_interval: 1s, scrape_timeout: 1s, evaluation_interval: 1s}
            rule_files: [\(files.joined(separator: ", "))]
            scrape_configs:
              - job_name: nova-federation
                static_configs:
                  - targets: [\(addresses.map { "'\($0)'" }.joined(separator: ", "))]

            """,
            to: "prometheus.yml"
        )
    }

    private static func node(at address: String, of all: [String]) throws -> ChildProcess {
        try ChildProcess(
            daemonExecutable(),
            ["serve"],
            environment: [
                "FEDERATION_BIND": address, "NOVA_NODE_ID": "node-\(address)",
                "FEDERATION_ENABLED": "1", "NOVA_FED_SYNC_ENABLED": "1",
                "NOVA_FED_PEERS": all.filter { $0 != address }.map { "http://\($0)" }
                    .joined(separator: ","),
                "NOVA_FED_SYNC_INTERVAL": "0.5", "NOVA_FED_MAX_AGE_SEC": "1.5",
                "NOVA_WISDOM_POLL_INTERVAL": "0.5", "NOVA_ENABLE_PROMETHEUS": "1",
            ]
        )
    }

    private static func expectReady(_ address: String) async throws {
        let port = try #require(address.split(separator: ":").last.flatMap { Int($0) })
        await eventually("\(address) sees a peer", within: .seconds(30)) {
            let answer = try? await HTTPProbe(port: port).get("/metrics")
            return answer?.text.contains("\nnova_wisdom_peers 2\n") == true
        }
    }

    /// Expects that every rule was evaluated without an error.
    private static func expectHealthyRules(_ prometheus: Prometheus) async throws {
        let groups = try await prometheus.get("rules")["groups"] as? [[String: Any]] ?? []
        let rules = groups.flatMap { $0["rules"] as? [[String: Any]] ?? [] }
        let shipped = try AlertRules()
        #expect(rules.count == shipped.alerts.count + shipped.recorded.count)
        for rule in rules {
            let name = rule["name"] as? String ?? "?"
            #expect(rule["health"] as? String == "ok", "\(name): \(rule["lastError"] ?? "")")
        }
    }

    /// Expects an alert of this name with this summary.
    private static func expectSummary(
        _ summary: String,
        of name: String,
        _ prometheus: Prometheus
    ) async throws {
        let alerts = try await prometheus.get("alerts")["alerts"] as? [[String: Any]] ?? []
        let said = alerts.filter { ($0["labels"] as? [String: String])?["alertname"] == name }
            .compactMap { ($0["annotations"] as? [String: String])?["summary"] }
        #expect(said.contains(summary), "\(said)")
    }
}
