import Federation
import Glibc
import TestSupport
import Testing

@testable import Daemon

/// How a node starts, what it logs, and its exit codes if it cannot start.
@Suite struct StartingTests {
    private static let notice = "enabling federation in a single-node deployment is safe but yields"

    /// Runs `serve` until it ends by itself.
    private func serve(
        _ settings: [String: String],
        arguments: [String] = []
    ) async throws -> ProcessResult {
        let environment = ServedNode.environment(peers: [], port: 0).merging(settings) { $1 }
        return try await run(daemonExecutable(), ["serve"] + arguments, environment: environment)
    }

    @Test func `an invalid command line exits with 64`() async throws {
        let ended = try await serve([:], arguments: ["--nonsense"])
        #expect(ended.ending == .exit(64))
        #expect(ended.log.contains("--nonsense"))
    }

    @Test func `an address in use exits with 71 and is named`() async throws {
        let other = try ScriptedPeer(.silence)
        defer { other.stop() }
        let address = "127.0.0.1:\(other.port)"
        let ended = try await serve(["FEDERATION_BIND": address])
        #expect(ended.ending == .exit(71))
        #expect(ended.log.contains("\(address) is in use"))
    }

    @Test func `a state directory that cannot be written exits with 74 and is named`()
        async throws
    {
        // Not even root can create a file there.
        let ended = try await serve(["NOVA_FED_STATE_DIR": "/proc/self"])
        #expect(ended.ending == .exit(74))
        #expect(ended.log.contains("/proc/self"))
    }

    @Test func `faults in the settings exit with 78 and are all reported`() async throws {
        let folder = try TemporaryDirectory()
        try folder.overwrite(
            "env",
            with: "NOVA_FED_SYNC_INTERVAL=none\n# a remark\nNOVA_FED_MAX_BODY=12\n"
        )
        let ended = try await serve(
            ["FEDERATION_ENABLED": "perhaps", "NOVA_FED_PEERS": "ftp://127.0.0.1:1"],
            arguments: ["--config", folder.file("env")]
        )
        #expect(ended.ending == .exit(78))
        for part in [
            "NOVA_FED_SYNC_INTERVAL", "none", "NOVA_FED_MAX_BODY", "12", "FEDERATION_ENABLED",
            "perhaps", "NOVA_FED_PEERS", "ftp://127.0.0.1:1", "env:1", "env:3",
        ] {
            #expect(ended.log.contains(part), "\(part) is not in: \(ended.log)")
        }
    }

    @Test(arguments: [
        ([:], "NOVA_FED_SYNC_ENABLED is 1 and 1 peer is set, but FEDERATION_ENABLED is not 1"),
        (["NOVA_FED_SYNC_ENABLED": "0"], "1 peer is set, but FEDERATION_ENABLED is not 1"),
    ])
    func `without federation no part of it is pulled or served, and one warning says why`(
        settings: [String: String],
        warning: String
    ) async throws {
        let peer = try ScriptedPeer(.summary(nodeID: "nova-b"))
        let source = try ScriptedPeer(.summary(nodeID: "nova-z"))
        defer { for each in [peer, source] { each.stop() } }
        let node = try await ServedNode(
            peers: [peer.url],
            settings: settings.merging([
                "FEDERATION_ENABLED": "0", "NOVA_FED_LOCAL_SOURCE": source.url,
                "NOVA_WISDOM_POLL_INTERVAL": "0.1",
            ]) { $1 }
        )
        defer { node.process.kill() }
        for path in ["/federation/sync/summary", "/federation/health", "/federation/wisdom"] {
            let answer = try await node.get(path)
            #expect(answer.status == 404, "\(path)")
            #expect(answer.text.contains(#""error":"federation_disabled""#), "\(path)")
            #expect(answer.text.contains("FEDERATION_ENABLED"), "\(path)")
        }
        for path in ["/health", "/ready", "/metrics"] {
            #expect(try await node.get(path).status == 200, "\(path)")
        }
        #expect(node.logLines("level=warning").count { $0.contains(warning) } == 1)
        let metrics = try await node.page("/metrics")
        #expect(!metrics.contains("nova_federation_source_"))
        // Time for reads of the source, if there were any.
        try await Task.sleep(for: .milliseconds(500))
        #expect(peer.connectionCount == 0 && source.connectionCount == 0)
        #expect(try await node.stop() == .exit(0))
    }

    @Test func `without federation the governor does not tick`() async throws {
        let node = try await ServedNode(settings: ["FEDERATION_ENABLED": "0"])
        defer { node.process.kill() }
        #expect(try await node.get("/ready").status == 200)
        let metrics = try await node.page("/metrics")
        for name in ["nova_wisdom_generativity", "nova_wisdom_eta_current", "nova_wisdom_gamma"] {
            #expect(!metrics.contains(name), "\(name)")
        }
        #expect(try await node.stop() == .exit(0))
    }

    @Test func `SIGTERM during the first request to the source ends the node with 0`()
        async throws
    {
        let source = try ScriptedPeer(.silence)
        defer { source.stop() }
        let port = try freePort()
        let settings = [
            "NOVA_FED_LOCAL_SOURCE": source.url, "NOVA_FED_SYNC_TIMEOUT": "30",
            "NOVA_FED_SYNC_INTERVAL": "60", "NOVA_WISDOM_POLL_INTERVAL": "60",
        ]
        let process = try ChildProcess(
            daemonExecutable(),
            ["serve"],
            environment: ServedNode.environment(peers: [], port: port).merging(settings) { $1 }
        )
        defer { process.kill() }
        await eventually("the source is asked") { !source.requests.isEmpty }
        let ready = try await HTTPProbe(port: port).get("/ready")
        #expect(ready.text == #"{"ready":false,"reason":"starting"}"#)
        let signalled = ContinuousClock.now
        process.send(SIGTERM)
        #expect(try await process.waitForEnd() == .exit(0), "\(process.log)")
        #expect(ContinuousClock.now - signalled < .seconds(5))
        #expect(!process.log.contains("msg=serving"))
    }

    @Test(arguments: [
        (["NOVA_FED_SYNC_ENABLED": "0"], 1, "NOVA_FED_SYNC_ENABLED is not 1"),
        ([:], 0, "NOVA_FED_SYNC_ENABLED is 1, but no peers are set: nothing is pulled"),
        (["NOVA_FED_SYNC_ENABLED": "0"], 0, nil),
    ])
    func `a single node serves, pulls nothing and logs the single-node notice once`(
        settings: [String: String],
        peers: Int,
        warning: String?
    ) async throws {
        let peer = try ScriptedPeer(.summary(nodeID: "nova-b"))
        defer { peer.stop() }
        let node = try await ServedNode(
            peers: Array(repeating: peer.url, count: peers),
            settings: settings.merging(["NOVA_NODE_ID": "nova-a"]) { $1 }
        )
        defer { node.process.kill() }
        _ = try await node.process.logLine(containing: Self.notice)
        #expect(node.logLines(Self.notice).count == 1)
        let health = try await node.health()
        #expect(health.mode == "single_node")
        #expect(!health.ready)
        #expect(health.reasons.count == 1)
        #expect(health.reasons.first?.hasPrefix(Self.notice) == true)
        #expect(try await node.summary().metrics.gStar <= 0.3)
        #expect(try await node.metrics()["nova_wisdom_novelty"] == 0)
        #expect(try await node.get("/ready").status == 200)
        let warnings = node.logLines("level=warning")
        #expect(warnings.count == (warning == nil ? 0 : 1), "\(warnings)")
        if let warning { #expect(warnings.first?.contains(warning) == true) }
        #expect(peer.connectionCount == 0)
        #expect(try await node.stop() == .exit(0))
    }

    @Test func `a node id that is not stored causes a warning, and a stored one stays`()
        async throws
    {
        let folder = try TemporaryDirectory()
        var ids: [String] = []
        for settings in [[:], [:], ["NOVA_FED_STATE_DIR": folder.path]] + [
            ["STATE_DIRECTORY": folder.path]
        ] {
            let node = try await ServedNode(settings: settings)
            defer { node.process.kill() }
            let warnings = node.logLines("the node id will change at the next start")
            #expect(warnings.count == (settings.isEmpty ? 1 : 0))
            ids.append(try await node.summary().nodeId)
        }
        #expect(Set(ids[..<3]).count == 3, "\(ids)")
        #expect(ids[2] == ids[3])
    }

    @Test func `a node that has served a summary is ready`() async throws {
        for _ in 0..<5 {
            let port = try freePort()
            let process = try ChildProcess(
                daemonExecutable(),
                ["serve"],
                environment: ServedNode.environment(peers: [], port: port)
            )
            defer { process.kill() }
            let probe = HTTPProbe(port: port)
            await eventually("it has served a summary") {
                // Refused until it listens.
                (try? await probe.get("/federation/sync/summary"))?.status == 200
            }
            #expect(try await probe.get("/ready").text == #"{"ready":true}"#)
        }
    }

    @Test(arguments: [nil, Summary.example])
    func `publishing a summary or none makes a node ready unless it is draining`(
        summary: Summary?
    ) {
        let pages = ReadyPages()
        #expect(pages.readiness == .starting)
        pages.publish(summary)
        #expect(pages.readiness == .ready)
        pages.readiness = .draining
        pages.publish(summary)
        #expect(pages.readiness == .draining)
    }

    @Test func `SIGTERM right after the line that it is serving ends the node with 0`() async throws
    {
        for _ in 0..<20 {
            let process = try ChildProcess(
                daemonExecutable(),
                ["serve"],
                environment: ServedNode.environment(peers: [], port: 0)
            )
            defer { process.kill() }
            let deadline = ContinuousClock.now + .seconds(10)
            // Without a pause, which would be longer than the moment to hit.
            while !process.log.contains("msg=serving"), .now < deadline { await Task.yield() }
            process.send(SIGTERM)
            #expect(try await process.waitForEnd() == .exit(0))
        }
    }
}

extension Summary {
    fileprivate static let example = Summary(
        nodeID: "nova-a",
        ts: 1,
        version: "1",
        metrics: .resting,
        instance: nil
    )
}
