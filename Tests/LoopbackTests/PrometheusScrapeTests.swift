import Foundation
import TestSupport
import Testing

/// Three real nodes, scraped by a real Prometheus every second.
@Suite struct PrometheusScrapeTests {
    private static func withPrometheus(
        scraping targets: [String],
        _ body: (Prometheus) async throws -> Void
    ) async throws {
        let directory = try TemporaryDirectory()
        let configuration = try directory.write(
            """
            global: {scrape_interval: 1s, scrape_timeout: 1s}
            scrape_configs:
              - job_name: nova
                static_configs:
                  - targets: [\(targets.map { "'\($0)'" }.joined(separator: ", "))]

            """,
            to: "prometheus.yml"
        )
        try await TestSupport.withPrometheus(configuration: configuration, body)
    }

    @Test func `Prometheus scrapes three nodes that see each other and are ready`() async throws {
        let directory = try TemporaryDirectory()
        let gStars = [0.1, 0.5, 0.9]
        let ports = try gStars.map { _ in try freePort() }
        // N of the other two: half of their distance, over 0.5.
        let novelties = [0.4, 0.8, 0.4]
        func environment(_ index: Int) throws -> [String: String] {
            let summary = summaryJSON(
                nodeID: "file-\(index)",
                gStar: gStars[index],
                ts: Date().timeIntervalSince1970
            )
            let path = try directory.write(summary, to: "\(index).json")
            return [
                "FEDERATION_BIND": "127.0.0.1:\(ports[index])", "NOVA_NODE_ID": "node-\(index)",
                "NOVA_FED_LOCAL_SOURCE": "file:\(path)", "NOVA_WISDOM_POLL_INTERVAL": "1",
                "FEDERATION_ENABLED": "1", "NOVA_FED_SYNC_ENABLED": "1",
                "NOVA_FED_SYNC_INTERVAL": "1", "NOVA_ENABLE_PROMETHEUS": "1",
                "NOVA_FED_PEERS": ports.filter { $0 != ports[index] }
                    .map { "http://127.0.0.1:\($0)" }.joined(separator: ","),
            ]
        }
        // A target that is not a node, to record the requests of Prometheus.
        let recorder = try ScriptedPeer(.answer(response(type: "text/plain", body: "recorder 1\n")))
        let targets = ports.map { "127.0.0.1:\($0)" }
        let program = try daemonExecutable()
        let nodes = try gStars.indices.map { index in
            try ChildProcess(program, ["serve"], environment: environment(index))
        }
        defer { for node in nodes { node.kill() } }
        try await Self.withPrometheus(scraping: targets + ["127.0.0.1:\(recorder.port)"]) {
            prometheus in
            try await eventually("all targets are up", within: .seconds(30)) {
                try await prometheus.query("up == 1").count == 4
            }
            try await eventually("each pair of nodes has a quality above 0", within: .seconds(20)) {
                try await prometheus.query("nova_federation_peer_quality > 0").count == 6
            }
            try await eventually(
                "each node sees the novelty of the other two",
                within: .seconds(20)
            ) {
                let seen = try await prometheus.query("nova_wisdom_novelty")
                return zip(targets, novelties)
                    .allSatisfy { abs((seen[$0] ?? -1) - $1) < 1e-9 }
            }
            try await checkCounters(prometheus, targets: targets)
            try await checkReady(prometheus, ports: ports)
            try await checkScrapes(prometheus, recorder: recorder, ports: ports)
        }
        for node in nodes { #expect(node.poll() == nil, "\(node.log)") }
    }

    private func checkCounters(_ prometheus: Prometheus, targets: [String]) async throws {
        let pulls = #"nova_federation_pull_result_total{status="success"}"#
        let before = try await prometheus.query(pulls)
        try await eventually("the counter of good pulls rises on each node", within: .seconds(20)) {
            let now = try await prometheus.query(pulls)
            return targets.allSatisfy { (now[$0] ?? 0) > (before[$0] ?? .infinity) }
        }
        let p95 = "histogram_quantile(0.95, rate(nova_federation_sync_latency_seconds_bucket[20s]))"
        try await eventually("the histogram of latencies gives a quantile", within: .seconds(20)) {
            try await prometheus.query("\(p95) > 0").count == targets.count
        }
    }

    private func checkReady(_ prometheus: Prometheus, ports: [Int]) async throws {
        let ready = try await prometheus.query("nova_federation_ready")
        for port in ports {
            let answer = try await HTTPProbe(port: port).get("/federation/health")
            let health = try JSONSerialization.jsonObject(with: Data(answer.body))
            let isReady = (health as? [String: Any])?["ready"] as? Bool
            #expect(isReady == true && ready["127.0.0.1:\(port)"] == 1)
        }
    }

    private func checkScrapes(
        _ prometheus: Prometheus,
        recorder: ScriptedPeer,
        ports: [Int]
    ) async throws {
        let active = try await prometheus.get("targets")["activeTargets"] as? [[String: Any]] ?? []
        #expect(active.count == 4)
        for target in active { #expect(target["lastError"] as? String == "") }
        // It prefers OpenMetrics, and gets it.
        let accept = try #require(recorder.requests.first?.header("accept"))
        #expect(accept.hasPrefix("application/openmetrics-text"))
        let answer = try await HTTPProbe(port: ports[0])
            .get("/metrics", headers: [(name: "Accept", value: accept)])
        #expect(answer.header("content-type")?.hasPrefix("application/openmetrics-text") == true)
        // As many series as lines: nothing was dropped.
        let lines = answer.text.split(separator: "\n").count { !$0.hasPrefix("#") }
        let scraped = try await prometheus.query("scrape_samples_scraped")
        #expect(scraped["127.0.0.1:\(ports[0])"].map { abs(Int($0) - lines) <= 2 } == true)
        #expect(prometheus.process.log == "", "Prometheus warns")
    }
}
