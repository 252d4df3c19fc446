import Foundation
import TestSupport
import Testing

/// The metrics of a real node, read by promtool and prometheus_client.
@Suite struct PrometheusFormatTests {
    private static let aliases = [
        "federation_sync_latency_histogram", "federation_peer_last_seen_gauge",
        "federation_sync_errors_counter", "peer_quality", "peer_p95", "peer_success",
        "nova_wisdom_peer_count", "nova_slot07_jobs_current", "nova_slot07_jobs_reason",
        "nova_wisdom_poller_heartbeat_unix",
    ]

    /// Prints name, type and label names of each family, as prometheus_client understands it.
    private static let reader = """
        import sys
        try:
            from prometheus_client.openmetrics.parser import text_string_to_metric_families as open
            from prometheus_client.parser import text_string_to_metric_families as plain
        except ImportError:
            sys.exit("prometheus_client is missing, of Debian's package python3-prometheus-client")
        for family in {"open": open, "plain": plain}[sys.argv[1]](sys.stdin.read()):
            labels = sorted({name for sample in family.samples for name in sample.labels} - {"le"})
            print(family.name, family.type, ",".join(labels) or "none")
        """

    /// A page as prometheus_client reads it, as lines `name type labels`.
    private static func read(_ text: String, as format: String) async throws -> [String] {
        let finished = try await run(
            try tool(named: "python3", package: "python3"),
            ["-c", reader, format],
            input: Array(text.utf8)
        )
        #expect(finished.ending == .exit(0), "\(format): \(finished.log.suffix(400))")
        return finished.output.split(separator: "\n").map(String.init)
    }

    private static func promtool(_ text: String) async throws -> ProcessResult {
        try await run(
            try tool(named: "promtool", package: "prometheus"),
            ["check", "metrics"],
            input: Array(text.utf8)
        )
    }

    /// A node with a value for every metric: one peer answers, others fail.
    private static func withBusyNode<Value>(
        _ environment: [String: String] = [:],
        _ body: (ServedNode) async throws -> Value
    ) async throws -> Value {
        let good = try ScriptedPeer(.summary(nodeID: "good\u{202E} é", gStar: 0.9))
        let bad = try ScriptedPeer(.answer(response(body: "{}")))
        let peers = [good.url, bad.url, "gone=http://127.0.0.1:\(try freePort())"]
        return try await withNode(peers: peers, environment) { node in
            await eventually("a pull of each peer ended", within: .seconds(30)) {
                let text = try? await node.page("/metrics")
                let ended = ServedNode.series("nova_federation_peer_up", in: text ?? "")
                return ended.count == 3
            }
            return try await body(node)
        }
    }

    @Test func `promtool finds no problem`() async throws {
        try await Self.withBusyNode { node in
            let finished = try await Self.promtool(try await node.page("/metrics"))
            #expect(finished.ending == .exit(0))
            #expect(finished.output + finished.log == "")
        }
    }

    @Test func `with aliases promtool complains only about the aliases`() async throws {
        try await Self.withBusyNode(["NOVA_FED_METRIC_ALIASES": "1"]) { node in
            let text = try await node.page("/metrics")
            for alias in Self.aliases { #expect(text.contains("\n# TYPE \(alias) "), "\(alias)") }
            let finished = try await Self.promtool(text)
            let complaints = (finished.output + finished.log).split(separator: "\n")
            for complaint in complaints {
                let isOfAlias = Self.aliases.contains { complaint.hasPrefix($0 + " ") }
                #expect(isOfAlias, "\(complaint)")
            }
            // It does complain, for example about a counter without _total.
            #expect(complaints.contains { $0.contains("federation_sync_errors_counter") })
        }
    }

    @Test(arguments: ["0", "1"])
    func `both parsers of prometheus_client read every metric of the contract`(
        aliases: String
    ) async throws {
        let contract = try String(
            contentsOfFile: "\(packageRoot)/contracts/metrics.md",
            encoding: .utf8
        )
        let rows = contract.split(separator: "\n")
            .compactMap { $0.firstMatch(of: /^\| `(\w+)` \| (\w+) \| ([\w, ]+?) \|/)?.output }
        #expect(rows.count > 30)
        let directory = try TemporaryDirectory()
        let summary = summaryJSON(nodeID: "file", ts: Date().timeIntervalSince1970)
        let file = try directory.write(
            summary.dropLast() + #","tri_coherence":0.5}"#,
            to: "source.json"
        )
        let environment = [
            "NOVA_FED_METRIC_ALIASES": aliases, "NOVA_FED_STATE_DIR": try directory.folder("state"),
        ]
        // Some metrics exist only with the governor, with a file, or with TLS.
        let governed = try await Self.withBusyNode(environment, families)
        let filed = try await Self.withBusyNode(
            environment.merging(["NOVA_FED_LOCAL_SOURCE": "file:\(file)"]) { $1 },
            families
        )
        let secured = try await familiesOverTLS()
        for format in governed.keys {
            let all = [governed, filed, secured].flatMap { $0[format] ?? [] }
            let found = Set(all)
            for (_, name, type, labels) in rows {
                // The parsers name a counter without its _total.
                let family = type == "counter" ? name.dropLast("_total".count) : name
                let wanted = labels.split(separator: ", ").sorted().joined(separator: ",")
                #expect(found.contains("\(family) \(type) \(wanted)"), "\(format): \(family)")
            }
            #expect(found.count == rows.count + (aliases == "1" ? Self.aliases.count : 0))
        }
    }

    /// The families in both formats, by parser.
    private func families(of node: ServedNode) async throws -> [String: [String]] {
        // A response is counted after it is sent.
        _ = try await node.page("/metrics")
        let plain = try await node.page("/metrics")
        return try await families(plain, open: node.page("/metrics", accept: Self.openMetrics))
    }

    private static let openMetrics = "application/openmetrics-text; version=1.0.0"

    /// The metrics of a node with TLS.
    private func familiesOverTLS() async throws -> [String: [String]] {
        let authority = try await TestAuthority()
        let pair = try await authority.sign("node", names: "IP:127.0.0.1")
        let node = try await ServedNode(
            settings: [
                "NOVA_FED_TLS_CERT_FILE": pair.certificate, "NOVA_FED_TLS_KEY_FILE": pair.key,
            ]
        )
        defer { node.process.kill() }
        let requests = [[], [(name: "Accept", value: Self.openMetrics)]]
            .map { TLSProbe.Request("/metrics", headers: $0) }
        let results = try await TLSProbe.run([.init(port: node.port, requests: requests)])
        let pages = try #require(results.first).responses.map(\.body)
        try #require(pages.count == 2)
        return try await families(pages[0], open: pages[1])
    }

    private func families(_ plain: String, open: String) async throws -> [String: [String]] {
        #expect(open.hasSuffix("# EOF\n") && !plain.contains("# EOF\n"))
        // The parser of plain text reads OpenMetrics too, with other names.
        _ = try await Self.read(open, as: "plain")
        return [
            "plain": try await Self.read(plain, as: "plain"),
            "open": try await Self.read(open, as: "open"),
        ]
    }
}
