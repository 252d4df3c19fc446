import Foundation
import TestSupport
import Testing

/// The source file of a node, and its governor.
@Suite struct SourceTests {
    /// A node with a source file and no peers, known as nova-a.
    private func start(_ path: String) async throws -> ServedNode {
        try await ServedNode(
            settings: [
                "NOVA_FED_LOCAL_SOURCE": "file:\(path)",
                "NOVA_FED_SYNC_ENABLED": "0",
                "NOVA_NODE_ID": "nova-a",
                "NOVA_VERSION": "7.1",
                "NOVA_WISDOM_POLL_INTERVAL": "0.2",
            ]
        )
    }

    private var now: Double { Date().timeIntervalSince1970 }

    private let failed = "local source failed"
    private let recovered = "local source recovered"

    /// A summary of another process, with another node id.
    private func numbers(gStar: Double, ts: Double) -> String {
        summaryJSON(nodeID: "nova-z", instance: "0badcafe", gStar: gStar, version: "1.0", ts: ts)
    }

    @Test func `numbers that a process writes to the file are published under this node's id`()
        async throws
    {
        let folder = try TemporaryDirectory()
        let first = now - 20
        try folder.replace("source.json", with: numbers(gStar: 0.41, ts: first))
        let node = try await start(folder.file("source.json"))
        defer { node.process.kill() }
        let health = try await node.health()
        #expect(health.source.kind == "file" && health.source.ok)
        let age = try #require(health.source.age)
        #expect(age > 19.9 && age < now - first + 0.1)
        var summary = try await node.summary()
        #expect(summary.metrics.gStar == 0.41)
        #expect(summary.ts == first)
        #expect(summary.nodeId == "nova-a")
        #expect(summary.version == "7.1")
        #expect(summary.instance == health.instance)

        let second = now
        try folder.replace("source.json", with: numbers(gStar: 0.82, ts: second))
        try await eventually("the summary follows", within: .seconds(4)) {
            try await node.summary().metrics.gStar == 0.82
        }
        summary = try await node.summary()
        #expect(summary.ts == second)
        #expect(summary.instance == health.instance)

        try folder.replace("source.json", with: numbers(gStar: 0.13, ts: now + 3600))
        try await eventually("the summary follows again", within: .seconds(4)) {
            try await node.summary().metrics.gStar == 0.13
        }
        #expect(try await node.summary().ts <= now)
        #expect(node.logLines(failed).isEmpty)
    }

    @Test(arguments: ["half written", "invalid", "missing"])
    func `a source that fails is logged once, and the last good numbers stay`(
        fault: String
    ) async throws {
        let folder = try TemporaryDirectory()
        let whole = numbers(gStar: 0.41, ts: now)
        try folder.replace("source.json", with: whole)
        let node = try await start(folder.file("source.json"))
        defer { node.process.kill() }
        let good = try await node.summary()
        switch fault {
        case "half written": try folder.overwrite("source.json", with: String(whole.prefix(200)))
        case "invalid": try folder.replace("source.json", with: numbers(gStar: 1.5, ts: now))
        default: try FileManager.default.removeItem(atPath: folder.file("source.json"))
        }
        let line = try await node.process.logLine(containing: failed, within: .seconds(4))
        #expect(line.contains("level=warning"))
        // Time for more reads of the same file.
        try await Task.sleep(for: .seconds(1))
        var health = try await node.health()
        #expect(!health.source.ok)
        #expect(health.source.error?.contains(folder.file("source.json")) == true)
        let kept = try await node.summary()
        #expect(kept.ts == good.ts && kept.metrics.gStar == 0.41)
        #expect(node.logLines(failed).count == 1)

        try folder.replace("source.json", with: numbers(gStar: 0.82, ts: now))
        _ = try await node.process.logLine(containing: recovered, within: .seconds(4))
        try await eventually("the summary follows") {
            try await node.summary().metrics.gStar == 0.82
        }
        health = try await node.health()
        #expect(health.source.ok && health.source.error == nil)
        #expect(node.logLines(recovered).count == 1)
        #expect(node.logLines(failed).count == 1)
    }

    @Test func `numbers older than four minutes are served with their age and logged once`()
        async throws
    {
        let folder = try TemporaryDirectory()
        // Reaches the age of 240 s while the node runs.
        let old = now - 235
        try folder.replace("source.json", with: numbers(gStar: 0.41, ts: old))
        let node = try await start(folder.file("source.json"))
        defer { node.process.kill() }
        #expect(try await node.health().source.ok)
        #expect(node.logLines(failed).isEmpty)
        let line = try await node.process.logLine(containing: failed, within: .seconds(20))
        #expect(line.contains("older than 240 s"))
        try await Task.sleep(for: .seconds(1))
        let source = try await node.health().source
        #expect(!source.ok && source.error?.contains("older than 240 s") == true)
        #expect(try #require(source.age) > 240)
        #expect(try await node.summary().ts == old)
        #expect(node.logLines(failed).count == 1)
        try folder.replace("source.json", with: numbers(gStar: 0.41, ts: now))
        _ = try await node.process.logLine(containing: recovered, within: .seconds(4))
    }

    @Test func `a node whose source has given no numbers is ready and has no summary`()
        async throws
    {
        let folder = try TemporaryDirectory()
        let node = try await start(folder.file("source.json"))
        defer { node.process.kill() }
        let answer = try await node.get("/federation/sync/summary")
        #expect(answer.status == 503)
        #expect(answer.text.contains(#""error":"no_local_source""#))
        #expect(try await node.get("/ready").status == 200)
        let source = try await node.health().source
        #expect(!source.ok && source.age == nil)
        #expect(node.logLines(failed).count == 1)
        try folder.replace("source.json", with: numbers(gStar: 0.82, ts: now))
        try await eventually("there is a summary", within: .seconds(4)) {
            try await node.get("/federation/sync/summary").status == 200
        }
    }

    @Test func `the governor's numbers have the time of each tick`() async throws {
        let node = try await ServedNode(settings: ["NOVA_WISDOM_POLL_INTERVAL": "0.5"])
        defer { node.process.kill() }
        var moments = [try await node.summary().ts]
        let start = ContinuousClock.now
        while moments.count < 5 {
            let ts = try await node.summary().ts
            #expect(ts <= now)
            if ts != moments.last { moments.append(ts) }
            try #require(ContinuousClock.now - start < .seconds(20), "\(moments)")
            try await Task.sleep(for: .milliseconds(20))
        }
        for (earlier, later) in zip(moments, moments.dropFirst()) {
            // No tick is early; on a busy machine one may be late.
            #expect(later - earlier > 0.45 && later - earlier < 1.5, "\(moments)")
        }
        #expect(try await node.health().source.kind == "builtin")
    }
}
