import Foundation
import TestSupport
import Testing

/// A node whose source is an orchestrator, and what a source file can have beyond a summary.
@Suite struct SourceKindsTests {
    private var now: Double { Date().timeIntervalSince1970 }

    private let failed = "local source failed"
    private let recovered = "local source recovered"

    private func start(
        _ source: String,
        peers: [String] = [],
        port: Int = 0,
        _ settings: [String: String] = [:]
    ) async throws -> ServedNode {
        try await ServedNode(
            peers: peers,
            port: port,
            settings: [
                "NOVA_FED_LOCAL_SOURCE": source,
                "NOVA_FED_SYNC_ENABLED": peers.isEmpty ? "0" : "1",
                "NOVA_FED_SYNC_INTERVAL": "0.5",
                "NOVA_NODE_ID": "nova-a",
                "NOVA_VERSION": "7.1",
                "NOVA_WISDOM_POLL_INTERVAL": "0.2",
            ]
            .merging(settings) { $1 }
        )
    }

    /// An orchestrator that always answers with this summary.
    private func orchestrator(_ summary: String) -> Script {
        .answer(response(body: summary))
    }

    /// Makes a peer play another script from the next request on.
    private func play(_ script: Script, on peer: ScriptedPeer) {
        peer.play(script)
        peer.dropConnections()
    }

    @Test func `the numbers of an orchestrator are published under this node's id`() async throws {
        let first = now - 10
        let source = try ScriptedPeer(
            orchestrator(
                summaryJSON(nodeID: "nova-z", instance: "0badcafe", gStar: 0.82, ts: first)
            )
        )
        let peer = try ScriptedPeer(.summary(nodeID: "nova-b", gStar: 0.4))
        defer { for each in [source, peer] { each.stop() } }
        let node = try await start(source.url, peers: ["b=\(peer.url)"])
        defer { node.process.kill() }
        try await eventually("its peer is live") {
            try await node.health().peerSync.peerCount == 1
        }
        try await eventually("the summary has its own quality for its peer") {
            let quality = try #require(try await node.health().peer("b")).quality
            return abs(try await node.summary().metrics.peerQuality - quality) < 0.02
                && quality > 0.8
        }
        let summary = try await node.summary()
        let health = try await node.health()
        #expect(summary.nodeId == "nova-a" && summary.version == "7.1")
        #expect(summary.instance == health.instance && summary.instance != "0badcafe")
        #expect(summary.ts == first)
        #expect(health.source.kind == "http" && health.source.ok)
        let age = try #require(health.source.age)
        #expect(age > 9.9 && age < now - first + 0.1)

        // With one live peer the G* of a governor would be capped at 0.30.
        #expect(summary.metrics.gStar == 0.82)
        let page = try await node.page("/federation/health")
        #expect(page.contains(#""g_star_capped":false"#))
        let wisdom = try await node.wisdom()
        #expect(wisdom.gStar == 0.82 && wisdom.novelty == 0 && wisdom.peerGstars == [0.4])
        let fields = try await node.wisdomFields()
        let absent: Set<String> = [
            "eta", "bias", "regime", "tri_eta_cap", "slot07_jobs", "slot07_reason",
        ]
        #expect(fields.isDisjoint(with: absent))
        let metrics = try await node.page("/metrics")
        for name in ["eta_current", "tri_eta_cap", "slot07_jobs", "slot07_reason"] {
            #expect(!metrics.contains("\(name) "), "\(name)")
        }

        play(orchestrator(summaryJSON(nodeID: "nova-z", gStar: 0.5, ts: now + 3600)), on: source)
        try await eventually("the summary follows") {
            try await node.summary().metrics.gStar == 0.5
        }
        #expect(try await node.summary().ts <= now)
        // The orchestrator got no other requests.
        let asked = Set(source.requests.map { "\($0.method) \($0.path)" })
        #expect(asked == ["GET /federation/sync/summary"])
        #expect(source.requests.allSatisfy { $0.body.isEmpty })
        #expect(node.logLines(failed).isEmpty)
    }

    @Test
    func `an orchestrator that fails in several ways is logged once, and its last numbers stay`()
        async throws
    {
        let good = orchestrator(summaryJSON(nodeID: "nova-z", gStar: 0.82, ts: now))
        let source = try ScriptedPeer(good)
        defer { source.stop() }
        let node = try await start(source.url)
        defer { node.process.kill() }
        let last = try await node.summary()
        let failures: [(error: String, script: Script)] = [
            ("http_status", .answer(response(500, type: "text/plain", body: "off"))),
            ("not_json", .answer(response(body: "hello"))),
            ("missing_field", .answer(response(body: "{}"))),
            ("timed_out in first_byte", .silence),
            ("connection_lost", .reset),
        ]
        for (error, script) in failures {
            play(script, on: source)
            try await eventually("health reports \(error)") {
                try await node.health().source.error?.contains(error) == true
            }
            let health = try await node.health()
            #expect(!health.source.ok && health.source.error?.contains(source.url) == true)
            let kept = try await node.summary()
            #expect(kept.ts == last.ts && kept.metrics.gStar == 0.82)
            #expect(try await node.get("/ready").status == 200)
        }
        #expect(node.logLines(failed).count == 1)

        play(good, on: source)
        _ = try await node.process.logLine(containing: recovered)
        #expect(try await node.health().source.ok)
        #expect(node.logLines(recovered).count == 1 && node.logLines(failed).count == 1)
    }

    @Test func `an orchestrator that fails for four minutes is logged once more`() async throws {
        // Reaches the age of 240 s while the node runs.
        let old = now - 235
        let source = try ScriptedPeer(
            orchestrator(summaryJSON(nodeID: "nova-z", gStar: 0.82, ts: old))
        )
        defer { source.stop() }
        let node = try await start(source.url)
        defer { node.process.kill() }
        #expect(try await node.health().source.ok)
        source.stop()
        try await eventually("it grows old", within: .seconds(20)) {
            try await node.health().source.error?.contains("older than 240 s") == true
        }
        let error = try #require(try await node.health().source.error)
        #expect(error.contains("connect_refused"), "\(error)")
        #expect(try await node.summary().ts == old)
        let lines = await node.logLines(failed, count: 2)
        #expect(lines.count == 2)
        #expect(lines.first?.contains("older than") == false)
        #expect(lines.last?.contains("older than 240 s") == true)
    }

    /// From its start to its log line by its own clock, because the test itself may be late.
    private func secondsUntilServing(_ node: ServedNode) async throws -> Double {
        let line = try #require(node.logLines("msg=serving").first)
        let stamp = line.dropFirst("ts=".count).prefix { $0 != " " }
        let style = Date.ISO8601FormatStyle(includingFractionalSeconds: true)
        let serving = try Date(String(stamp), strategy: style).timeIntervalSince1970
        let started = try await node.metrics()["process_start_time_seconds"]
        return serving - (try #require(started))
    }

    /// Sources that never give numbers; the last is the node itself.
    private static let useless: [(name: String, error: String, script: Script?)] = [
        ("silence", "timed_out in first_byte", .silence),
        ("garbage", "bad_http", .answerThenClose(Array("hello\r\n\r\n".utf8))),
        ("another page", "not_json", .answer(response(type: "text/html", body: "<html>"))),
        ("this node", "status 503", nil),
    ]

    @Test(arguments: useless.indices)
    func `a source without numbers delays the start by no more than its deadline`(
        index: Int
    ) async throws {
        let (name, error, script) = Self.useless[index]
        let peer = try script.map { try ScriptedPeer($0) }
        defer { peer?.stop() }
        let port = try freePort()
        let node = try await start(
            peer?.url ?? "http://127.0.0.1:\(port)",
            port: port,
            ["NOVA_FED_SYNC_TIMEOUT": "0.5", "NOVA_WISDOM_POLL_INTERVAL": "1"]
        )
        defer { node.process.kill() }
        // The source is asked before the node logs that it serves.
        let took = try await secondsUntilServing(node)
        #expect(took < 0.5 + 1.5, "\(name): \(took) s")
        if name == "silence" { #expect(took > 0.5, "\(took) s") }
        #expect(try await node.get("/ready").status == 200)
        try await eventually("health reports \(name)") {
            try await node.health().source.error?.contains(error) == true
        }
        let answer = try await node.get("/federation/sync/summary")
        #expect(answer.status == 503)
        #expect(answer.text.contains(#""error":"no_local_source""#))
        let source = try await node.health().source
        #expect(!source.ok && source.age == nil)
        let wisdom = try await node.wisdom()
        #expect(wisdom.gStar == nil && wisdom.components == nil)
        let lines = await node.logLines(failed, count: 1)
        #expect(lines.count == 1 && lines.first?.contains("serving no numbers") == true)
        #expect(try await node.stop() == .exit(0))
    }

    @Test func `a node does not accept its own numbers from its source`()
        async throws
    {
        let source = try ScriptedPeer(
            // An orchestrator on the same machine can have the same id.
            orchestrator(summaryJSON(nodeID: "nova-a", gStar: 0.82, ts: now))
        )
        defer { source.stop() }
        let node = try await start(source.url)
        defer { node.process.kill() }
        let before = try await node.summary()
        #expect(before.metrics.gStar == 0.82)
        let instance = try #require(before.instance)
        let echo = summaryJSON(nodeID: "nova-a", instance: instance, gStar: 0.5, ts: now)
        play(orchestrator(echo), on: source)
        try await eventually("health reports it") {
            try await node.health().source.error?.contains("is this node itself") == true
        }
        #expect(try await node.summary().metrics.gStar == 0.82)
    }

    /// A summary with this JSON value as the coherence of Slot 4.
    private func coherent(_ coherence: String, gStar: Double = 0.41) -> String {
        summaryJSON(nodeID: "nova-z", gStar: gStar, ts: now)
            .replacing("\"sig\":null", with: "\"tri_coherence\":\(coherence),\"sig\":null")
    }

    @Test func `the coherence in a file caps eta, and an invalid one changes nothing`() async throws
    {
        let folder = try TemporaryDirectory()
        try folder.replace("source.json", with: coherent("0.5"))
        let path = folder.file("source.json")
        let node = try await start("file:\(path)")
        let uncapped = try await start("file:\(path)", ["NOVA_TRI_ETA_CAP_ENABLED": "0"])
        defer { for each in [node, uncapped] { each.process.kill() } }
        let cap = 0.10222222222222221
        let metric = "nova_federation_tri_eta_cap"
        #expect(try await node.wisdom().triEtaCap == cap)
        #expect(try await node.metrics()[metric] == cap)
        #expect(try await !uncapped.wisdomFields().contains("tri_eta_cap"))
        #expect(try await uncapped.metrics()[metric] == nil)

        for bad in [#""0.5""#, "1.5", "-0.1", "true", "[0.5]", "1e999"] {
            try folder.replace("source.json", with: coherent(bad, gStar: 0.9))
            let error = "tri_coherence must be a number from 0 to 1, or null"
            try await eventually("\(bad) is named") {
                try await node.health().source.error?.contains(error) == true
            }
            #expect(try await node.summary().metrics.gStar == 0.41)
            #expect(try await node.wisdom().triEtaCap == cap)
            try folder.replace("source.json", with: coherent("0.5"))
            try await eventually("it recovered") { try await node.health().source.ok }
        }

        try folder.replace("source.json", with: coherent("0"))
        try await eventually("the cap follows") { try await node.wisdom().triEtaCap == 0.08 }
        try folder.replace("source.json", with: coherent("null"))
        try await eventually("there is no cap") {
            try await !node.wisdomFields().contains("tri_eta_cap")
        }
        #expect(try await node.metrics()[metric] == nil)
    }

    @Test func `a pipe in place of the source file does not block the node`() async throws {
        let folder = try TemporaryDirectory()
        let path = folder.file("source.json")
        #expect(unsafe mkfifo(path, 0o600) == 0)
        let node = try await start("file:\(path)")
        defer { node.process.kill() }
        #expect(try await node.health().source.error?.contains("allowed: a regular file") == true)
        try FileManager.default.removeItem(atPath: path)
        try folder.replace("source.json", with: coherent("0.5"))
        try await eventually("it is read") { try await node.health().source.ok }
    }
}
