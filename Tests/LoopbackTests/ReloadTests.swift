import Foundation
import Glibc
import TestSupport
import Testing

/// A real node that reloads its settings.
@Suite struct ReloadTests {
    /// A node with a settings file and a peers file, in a directory of its own.
    private struct Configured {
        let directory: TemporaryDirectory
        let node: ServedNode

        init(
            _ settings: [String: String] = [:],
            peers: [String],
            environment: [String: String] = [:]
        ) async throws {
            directory = try TemporaryDirectory()
            let peersFile = try directory.write(Self.list(peers), to: "peers")
            var all = ServedNode.environment(peers: [], port: 0)
            all["NOVA_FED_PEERS"] = nil
            all["NOVA_FED_PEERS_FILE"] = peersFile
            all["NOVA_FED_SYNC_INTERVAL"] = "1"
            all.merge(settings) { $1 }
            let config = try directory.write(Self.file(all), to: "nova.env")
            let process = try ChildProcess(
                daemonExecutable(),
                ["serve", "--config", config],
                environment: environment
            )
            node = ServedNode(process: process, port: try await ServedNode.port(of: process))
        }

        private static func list(_ peers: [String]) -> String {
            peers.map { $0 + "\n" }.joined()
        }

        private static func file(_ settings: [String: String]) -> String {
            settings.map { "\($0)=\($1)\n" }.sorted().joined()
        }

        /// Replaces settings in the file; an empty value unsets one.
        func set(_ settings: [String: String]) throws {
            let path = directory.file("nova.env")
            let kept = try String(contentsOfFile: path, encoding: .utf8).split(separator: "\n")
                .filter { line in settings[String(line.prefix { $0 != "=" })] == nil }
            let text = kept.joined(separator: "\n") + "\n" + Self.file(settings)
            try directory.replace("nova.env", with: text)
        }

        func list(_ peers: [String]) throws {
            try directory.replace("peers", with: Self.list(peers))
        }

        /// Sends SIGHUP and waits for the log line with the outcome of reload `number`.
        @discardableResult
        func hangUp(_ number: Int = 1, _ outcome: String = "msg=reloaded") async -> String {
            node.process.send(SIGHUP)
            return await wait(for: number, outcome)
        }

        /// Waits for the log line with the outcome of reload `number`.
        @discardableResult
        func wait(for number: Int, _ outcome: String) async -> String {
            await node.logLines(outcome, count: number).last ?? ""
        }
    }

    @Test func `reloads that add, remove and rename peers do not disturb the others`()
        async throws
    {
        let requests = RequestTimes()
        let peers = try (0..<6).map { try ScriptedPeer(requests.script($0)) }
        defer { for peer in peers { peer.stop() } }
        let names = peers.enumerated().map { "p\($0)=\($1.url)" }
        let configured = try await Configured(peers: Array(names[..<4]))
        let node = configured.node
        defer { node.process.kill() }
        await eventually("all were pulled") { (0..<4).allSatisfy { requests[$0].count >= 3 } }
        for round in 1...10 {
            // p0 and p1 stay, p2 gets another name, the others alternate.
            let others = round.isMultiple(of: 2) ? [names[3]] : [names[4], names[5]]
            try configured.list(Array(names[..<2]) + ["q\(round)=\(peers[2].url)"] + others)
            await configured.hangUp(round)
            try await Task.sleep(for: .milliseconds(250))
        }
        let health = try await node.health()
        #expect(health.peers.map(\.id) == ["p0", "p1", "p3", "q10"])
        let page = try await node.page("/metrics")
        let metrics = ServedMetrics(page)
        for gone in ["p2", "p4", "p5", "q9"] {
            #expect(!page.contains("peer=\"\(gone)\""))
        }
        // A renamed peer keeps its slots and samples, and no peer lost or gained a pull.
        for peer in 0...2 {
            let times = requests[peer].dropFirst()
            #expect(times.count >= 4)
            for (earlier, later) in zip(times, times.dropFirst()) {
                #expect(abs(later - earlier - 1) < 0.25, "p\(peer) after \(later - earlier) s")
            }
            let label = peer == 2 ? "q10" : "p\(peer)"
            let samples = metrics["nova_federation_peer_samples{peer=\"\(label)\"}"]
            #expect(abs(try #require(samples) - Double(requests[peer].count)) <= 1)
        }
        #expect(metrics.missed == 0)
        #expect(node.logLines("peer is down").isEmpty)
        let count = requests[4].count
        try await Task.sleep(for: .milliseconds(1200))
        #expect(requests[4].count == count, "a removed peer is not pulled")
    }

    @Test func `a reload changes intervals, deadlines, weights, windows and governor constants`()
        async throws
    {
        let requests = RequestTimes()
        let peer = try ScriptedPeer(requests.script(0))
        let hung = try ScriptedPeer(.silence)
        defer {
            peer.stop()
            hung.stop()
        }
        let configured = try await Configured(
            ["NOVA_FED_SYNC_INTERVAL": "30", "NOVA_FED_LOG_LEVEL": "info"],
            peers: ["up=\(peer.url)", "hung=\(hung.url)"]
        )
        let node = configured.node
        defer { node.process.kill() }
        await eventually("it was pulled once") { requests[0].count == 1 }
        try configured.set([
            "NOVA_FED_SYNC_INTERVAL": "0.5", "NOVA_FED_SYNC_TIMEOUT": "0.2",
            "NOVA_FED_QUALITY_W1": "1", "NOVA_FED_QUALITY_W2": "0", "NOVA_FED_QUALITY_W3": "0",
            "NOVA_FED_WINDOW_SEC": "3", "NOVA_WISDOM_Q": "0.1", "NOVA_WISDOM_POLL_INTERVAL": "0.2",
            "NOVA_FED_LOG_LEVEL": "debug", "NOVA_FED_METRIC_ALIASES": "1",
            "FEDERATION_BIND": "127.0.0.1:1", "NOVA_NODE_ID": "another",
        ])
        let line = await configured.hangUp()
        #expect(line.contains("NOVA_FED_SYNC_INTERVAL"))
        let waiting = await node.logLines("need a restart", count: 1)
        #expect(waiting.first?.contains("NOVA_NODE_ID FEDERATION_BIND") == true)
        await eventually("it is pulled twice a second") { requests[0].count >= 8 }
        let pauses = zip(requests[0].dropFirst(2), requests[0].dropFirst(3)).map { $1 - $0 }
        #expect(pauses.allSatisfy { abs($0 - 0.5) < 0.2 }, "\(pauses)")
        try await eventually("its window is 3 s long") {
            try await node.health().peers.contains { $0.id == "up" && (5...8).contains($0.samples) }
        }
        // Only success counts now, and only the good peer has any.
        let metrics = try await node.metrics()
        #expect(metrics["nova_federation_peer_quality{peer=\"up\"}"] == 1)
        #expect(metrics["peer_quality{peer=\"hung\"}"] == 0)
        let hungHealth = try await node.health().peers.first { $0.id == "hung" }
        #expect(try #require(hungHealth?.timings?.total) < 0.25)
        try await eventually("gamma follows the other Q") {
            try #require(await node.metrics()["nova_wisdom_gamma"]) < 0.69
        }
        #expect(try await node.summary().nodeId != "another")
    }

    @Test func `a bad file changes nothing and all its faults are logged, a good one is applied`()
        async throws
    {
        let peer = try ScriptedPeer(.summary(nodeID: "nova"))
        defer { peer.stop() }
        let configured = try await Configured(peers: ["up=\(peer.url)"])
        let node = configured.node
        defer { node.process.kill() }
        try await eventually("it is up") { try await node.health().peers.first?.state == "up" }
        try configured.set(["NOVA_FED_SYNC_INTERVAL": "never", "NOVA_FED_QUALITY_W1": "-1"])
        try configured.list(["up=\(peer.url)", "ftp://x", "other=http://127.0.0.1:1"])
        let failure = await configured.hangUp(1, "reload failed")
        #expect(failure.contains("level=error"))
        for part in ["nova.env", "'never'", "NOVA_FED_QUALITY_W1='-1'", "peers:2", "ftp"] {
            await eventually("the log names \(part)") { !node.logLines(part).isEmpty }
        }
        #expect(try await node.health().peers.map(\.id) == ["up"])
        var metrics = try await node.metrics()
        #expect(metrics["nova_federation_config_last_reload_successful"] == 0)
        let pulls = metrics.pulls("success")
        try await eventually("it is pulled as before") {
            try await node.metrics().pulls("success") >= pulls + 2
        }
        try configured.set(["NOVA_FED_SYNC_INTERVAL": "1", "NOVA_FED_QUALITY_W1": "1"])
        try configured.list(["up=\(peer.url)"])
        await configured.hangUp()
        metrics = try await node.metrics()
        #expect(metrics["nova_federation_config_last_reload_successful"] == 1)
        #expect(metrics["nova_federation_peer_up{peer=\"up\"}"] == 1)
    }

    @Test
    func `after a failed reload nothing is applied until all faults are fixed`()
        async throws
    {
        let configured = try await Configured(peers: ["a=http://127.0.0.1:1"])
        let node = configured.node
        defer { node.process.kill() }
        let gauge = "nova_federation_config_last_reload_successful"
        try configured.set(["NOVA_FED_QUALITY_W1": "-1"])
        try configured.list(["b=http://127.0.0.1:1"])
        await configured.hangUp(1, "reload failed")
        // A good peers file is read with all other settings and not applied without them.
        try configured.list(["c=http://127.0.0.1:1"])
        await configured.wait(for: 2, "reload failed")
        #expect(try await node.metrics()[gauge] == 0)
        #expect(try await node.health().peers.map(\.id) == ["a"])
        try configured.set(["NOVA_FED_QUALITY_W1": "1"])
        try configured.list(["d=http://127.0.0.1:1"])
        try await eventually("all settings are applied") {
            try await node.health().peers.map(\.id) == ["d"]
        }
        #expect(try await node.metrics()[gauge] == 1)
        // The watch does not read a file again that SIGHUP has read, even if it was bad.
        try configured.list(["bad=ftp://x"])
        await configured.hangUp(3, "reload failed")
        try await Task.sleep(for: .seconds(3))
        #expect(node.logLines("reload failed").count == 3)
    }

    @Test func `a changed peers file is read without a signal, and a missing one is logged once`()
        async throws
    {
        let peer = try ScriptedPeer(.summary(nodeID: "nova"))
        defer { peer.stop() }
        let configured = try await Configured(peers: [])
        let node = configured.node
        defer { node.process.kill() }
        #expect(try await node.health().mode == "single_node")
        try configured.list(["new=\(peer.url)"])
        try await eventually("the new peer is up") {
            try await node.health().peers.first?.state == "up"
        }
        #expect(try await node.health().mode == "peer_sync")
        try FileManager.default.removeItem(atPath: configured.directory.file("peers"))
        #expect(await node.logLines("reload failed", count: 1).count == 1)
        try await Task.sleep(for: .seconds(3))
        #expect(node.logLines("reload failed").count == 1)
        #expect(try await node.health().peers.map(\.state) == ["up"])
        try configured.list(["new=\(peer.url)", "more=http://127.0.0.1:1"])
        try await eventually("it is read again") { try await node.health().peers.count == 2 }
    }

    @Test func `a node whose settings file is the null device reloads at every SIGHUP`()
        async throws
    {
        let process = try ChildProcess(
            daemonExecutable(),
            ["serve", "--config", "/dev/null"],
            environment: ServedNode.environment(peers: [], port: 0)
        )
        defer { process.kill() }
        let node = ServedNode(process: process, port: try await ServedNode.port(of: process))
        for number in 1...2 {
            process.send(SIGHUP)
            #expect(await node.logLines("msg=reloaded", count: number).count == number)
        }
        #expect(node.logLines("reload failed").isEmpty)
    }

    @Test func `a peer is down after NOVA_FED_DOWN_AFTER consecutive failed pulls`() async throws {
        let requests = RequestTimes()
        // Of three pulls, two fail.
        let peer = try ScriptedPeer(requests.script(0, failing: { $0 % 3 != 1 }))
        defer { peer.stop() }
        let configured = try await Configured(
            ["NOVA_FED_SYNC_INTERVAL": "0.2", "NOVA_FED_DOWN_AFTER": "3"],
            peers: ["p=\(peer.url)"]
        )
        let node = configured.node
        defer { node.process.kill() }
        await eventually("it was pulled nine times") { requests[0].count >= 9 }
        #expect(node.logLines("peer is down").isEmpty)
        #expect(try await node.metrics()["nova_federation_peer_up{peer=\"p\"}"] == 1)
        try configured.set(["NOVA_FED_DOWN_AFTER": "2"])
        await configured.hangUp()
        let line = await node.logLines("peer is down", count: 1).first
        #expect(line?.field("reason") == "http_status")
    }

    @Test func `a setting that the environment masks is logged and not changed`()
        async throws
    {
        let configured = try await Configured(
            peers: [],
            environment: ["NOVA_WISDOM_POLL_INTERVAL": "1"]
        )
        let node = configured.node
        defer { node.process.kill() }
        try configured.set(["NOVA_WISDOM_POLL_INTERVAL": "2", "NOVA_FED_DRAIN_SEC": "0.1"])
        let line = await configured.hangUp()
        #expect(line.field("changed") == "NOVA_FED_DRAIN_SEC")
        let masked = await node.logLines("is masked by the environment", count: 1)
        #expect(masked.first?.contains("NOVA_WISDOM_POLL_INTERVAL") == true)
    }
}
