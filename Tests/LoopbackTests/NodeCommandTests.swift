import Foundation
import Glibc
import TestSupport
import Testing

/// The commands that ask a running node.
@Suite struct NodeCommandTests {
    private static func command(
        _ arguments: [String],
        environment: [String: String] = [:]
    ) async throws -> ProcessResult {
        try await run(try daemonExecutable(), arguments, environment: environment)
    }

    /// Runs a node with one peer that answers and one that does not, both pulled at least once.
    private static func withPair(
        _ body: (ServedNode) async throws -> Void
    ) async throws {
        let good = try ScriptedPeer(.summary(nodeID: "node-good", gStar: 0.45))
        try await withNode(peers: ["good=\(good.url)", "gone=http://127.0.0.1:9"]) { node in
            _ = try await node.events("kind=peer_up", count: 1)
            _ = try await node.events("kind=peer_down", count: 1)
            try await body(node)
        }
    }

    @Test func `status has five lines about the node, then its peers, worst first`() async throws {
        try await Self.withPair { node in
            let shown = try await Self.command(["status", "--url", node.url])
            #expect(shown.ending == .exit(0))
            let lines = shown.output.split(separator: "\n", omittingEmptySubsequences: false)
            let names = lines.prefix(5).map { $0.prefix { $0 != " " } }
            #expect(names == ["node", "mode", "N", "peers", "faults"])
            #expect(lines[0].contains("node-\(node.port)"))
            #expect(lines[3].hasSuffix("1 live of 2"))
            #expect(lines[4].hasSuffix("1 down: gone"))
            #expect(lines.dropFirst(7).map { $0.prefix(4) } == ["gone", "good", ""])
            let json = try await Self.command(["status", "--json", "--url", node.url])
            let object = try JSONSerialization.jsonObject(with: Data(json.output.utf8))
            #expect((object as? [String: Any])?["ready"] as? Bool == true)
        }
    }

    @Test func `status ends with 1 if the node is not ready, and finds it by its listener`()
        async throws
    {
        try await withNode { node in
            let environment = ["FEDERATION_BIND": "0.0.0.0:\(node.port)"]
            let shown = try await Self.command(["status"], environment: environment)
            #expect(shown.ending == .exit(1))
            #expect(shown.output.contains("not ready"))
        }
    }

    @Test func `a node that drains is not ready, and its page says what is wrong`() async throws {
        let good = try ScriptedPeer(.summary(nodeID: "node-good"))
        try await withNode(peers: ["good=\(good.url)"], ["NOVA_FED_DRAIN_SEC": "30"]) { node in
            _ = try await node.events("kind=peer_up", count: 1)
            let before = try await Self.command(["status", "--url", node.url])
            #expect(before.ending == .exit(0), "\(before.output)")
            #expect(try await node.page("/").contains("Nothing is wrong"))
            node.process.send(SIGTERM)
            try await eventually("/ready is 503") { try await node.get("/ready").status == 503 }
            let shown = try await Self.command(["status", "--url", node.url])
            #expect(shown.ending == .exit(1))
            let lines = shown.output.split(separator: "\n")
            #expect(lines[1].hasSuffix(", draining"))
            #expect(lines[4].hasSuffix("this node is shutting down"))
            let health = try await node.page("/federation/health")
            #expect(health.hasPrefix(#"{"ready":true,"draining":true,"#))
            let page = try await node.page("/")
            #expect(!page.contains("Nothing is wrong"))
            #expect(page.contains("<li>This node is shutting down.</li>"))
        }
    }

    @Test func `events are listed oldest first, filtered, and as JSON`() async throws {
        try await Self.withPair { node in
            let url = ["--url", node.url]
            let all = try await Self.command(["events"] + url)
            #expect(all.ending == .exit(0))
            let lines = all.output.split(separator: "\n")
            #expect(lines.count >= 3)
            #expect(lines[0].contains("the node started"))
            #expect(lines.contains { $0.contains("gone  down: connect_refused in connect") })
            let gone = try await Self.command(["events", "--peer", "gone", "--since", "1h"] + url)
            #expect(gone.output.split(separator: "\n").count == 1)
            let json = try await Self.command(["events", "--json", "--kind", "peer_down"] + url)
            let event = try JSONDecoder().decode(ServedEvent.self, from: Data(json.output.utf8))
            #expect(event.peer == "gone")
            let none = try await Self.command(["events", "--peer", "nobody else"] + url)
            #expect(none.output == "no events\n")
            #expect(none.ending == .exit(0))
            #expect(none.log.contains("no peer is named nobody else; configured peers: gone, good"))
            let quiet = ["events", "--peer", "good", "--kind", "peer_down"] + url
            #expect(try await Self.command(quiet).log.isEmpty)
        }
    }

    @Test func `the events of a stopped node are read from its state directory`() async throws {
        let directory = try TemporaryDirectory()
        let node = try await ServedNode(
            peers: ["gone=http://127.0.0.1:9"],
            settings: ["NOVA_FED_STATE_DIR": directory.path]
        )
        defer { node.process.kill() }
        _ = try await node.events("kind=peer_down", count: 1)
        #expect(try await node.stop() == .exit(0))
        let names = { try FileManager.default.contentsOfDirectory(atPath: directory.path).sorted() }
        let before = try names()
        let shown = try await Self.command(["events", "--state-dir", directory.path])
        #expect(shown.ending == .exit(0))
        #expect(shown.output.contains("gone  down"))
        #expect(shown.output.contains("the node stopped: SIGTERM"))
        #expect(try names() == before)
        let missing = try await Self.command(["events", "--state-dir", directory.file("no")])
        #expect(missing.ending == .exit(74))
    }

    @Test func `wait ends when enough peers are live, and with 1 when the time is over`()
        async throws
    {
        try await Self.withPair { node in
            let url = ["--url", node.url]
            let met = try await Self.command(["wait", "--ready", "--live", "1"] + url)
            #expect(met.ending == .exit(0))
            #expect(met.output.isEmpty && met.log.isEmpty)
            let unmet = try await Self.command(["wait", "--live", "2", "--timeout", "0.5"] + url)
            #expect(unmet.ending == .exit(1))
            #expect(unmet.log.contains("1 of 2 required peers live"))
            #expect(unmet.output.isEmpty)
            let json = try await Self.command(["wait", "--live", "1", "--json"] + url)
            #expect(json.output == "{\"met\":true,\"unmet\":null}\n")
        }
    }

    @Test func `check --against shows what a reload and what a restart would change`()
        async throws
    {
        let port = try freePort()
        let settings = [
            "FEDERATION_BIND": "127.0.0.1:\(port)", "NOVA_NODE_ID": "n1",
            "NOVA_FED_PEERS": "a=http://127.0.0.1:9,b=http://127.0.0.1:10",
        ]
        let node = try await ServedNode(
            port: port,
            settings: settings.merging(["NOVA_FED_DRAIN_SEC": "0"]) { $1 }
        )
        defer { node.process.kill() }
        let same = ServedNode.environment(peers: [], port: port).merging(settings) { $1 }
        func compare(
            _ changes: [String: String],
            _ options: [String] = []
        ) async throws -> ProcessResult {
            try await Self.command(
                ["check", "--against", node.url] + options,
                environment: same.merging(changes) { $1 }
            )
        }
        let none = try await compare([:])
        #expect(none.ending == .exit(0), "\(none.output)\(none.log)")
        #expect(none.output == "no difference\n")
        let changes = [
            "NOVA_FED_PEERS": "a2=http://127.0.0.1:9,c=http://127.0.0.1:11",
            "NOVA_FED_LOG_LEVEL": "debug",
        ]
        let reload = try await compare(changes)
        #expect(reload.ending == .exit(2))
        #expect(
            reload.output.split(separator: "\n") == [
                "NOVA_FED_LOG_LEVEL: info -> debug (by a reload)",
                "peer added: c http://127.0.0.1:11", "peer removed: b", "peer renamed: a -> a2",
            ]
        )
        let json = try await compare(changes, ["--json"])
        #expect(json.ending == .exit(2))
        #expect(
            json.output == """
                {"changes":[{"key":"NOVA_FED_LOG_LEVEL","from":"info","to":"debug",\
                "applies":"reload"}],"added":[{"name":"c","url":"http://127.0.0.1:11"}],\
                "removed":["b"],"renamed":[{"from":"a","to":"a2"}]}

                """
        )
        let both = try await compare(changes.merging(["NOVA_NODE_ID": "n2"]) { $1 }, ["--json"])
        #expect(both.ending == .exit(3))
        #expect(both.output.contains("\"from\":\"n1\",\"to\":\"n2\",\"applies\":\"restart\""))
        let restart = try await compare(["NOVA_NODE_ID": "n2"])
        #expect(restart.ending == .exit(3))
        #expect(restart.output == "NOVA_NODE_ID: n1 -> n2 (needs a restart)\n")
        #expect(try await compare(["NOVA_NODE_ID": ""]).ending == .exit(3))
        #expect(try await compare(["NOVA_FED_SYNC_INTERVAL": "x"]).ending == .exit(78))
    }

    @Test func `a bundle has every page, and is not written over`() async throws {
        let directory = try TemporaryDirectory()
        let path = directory.file("bundle.json")
        try await Self.withPair { node in
            let made = try await Self.command(["bundle", path, "--url", node.url])
            #expect(made.ending == .exit(0), "\(made.log)")
            #expect(made.output == "\(path)\n")
            let bytes = try Data(contentsOf: URL(fileURLWithPath: path))
            let object = try JSONSerialization.jsonObject(with: bytes) as? [String: Any]
            let bundle = try #require(object)
            for name in ["health", "wisdom", "settings", "events"] {
                let page = bundle[name] as? [String: Any]
                #expect(page?.isEmpty == false && page?["error"] == nil, "\(name)")
            }
            #expect((bundle["metrics"] as? String)?.contains("nova_federation_peers 2") == true)
            let libraries = try #require(bundle["libraries"] as? [String])
            #expect(libraries.contains { $0.hasPrefix("libcurl/") })
            #expect(libraries.contains { $0.hasPrefix("libmicrohttpd/") })
            #expect(libraries.contains { $0.hasPrefix("sqlite/3") })
            let mode = try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions]
            #expect(mode as? Int == 0o600)
            let again = try await Self.command(["bundle", path, "--url", node.url])
            #expect(again.ending == .exit(74))
            #expect(
                again.log
                    == "nova-federation: \(path) exists; name another file or delete it\n"
            )
            let absent = directory.file("no/b.json")
            let lost = try await Self.command(["bundle", absent, "--url", node.url])
            #expect(lost.ending == .exit(74))
            let cause = "cannot write \(absent): No such file or directory"
            #expect(lost.log == "nova-federation: \(cause)\n")
            let printed = try await Self.command(["bundle", "-", "--url", node.url])
            #expect(printed.ending == .exit(0))
            let read = try JSONSerialization.jsonObject(with: Data(printed.output.utf8))
            #expect((read as? [String: Any])?.keys == bundle.keys)
            #expect(try Data(contentsOf: URL(fileURLWithPath: path)) == bytes)
        }
    }

    @Test func `why explains a peer that is down, and one that is up`() async throws {
        try await Self.withPair { node in
            let down = try await Self.command(["why", "gone", "--url", node.url])
            #expect(down.ending == .exit(1))
            for part in [
                "gone is down", "connect_refused in connect", "quality 0.00, between 0.00 and 0.",
                "success rate  0.00, between 0.00 and", "with 95 % confidence;", "last events",
                "what to try", "NovaFederationPeerDown",
            ] { #expect(down.output.contains(part), "\(part)\n\(down.output)") }
            let up = try await Self.command(["why", "good", "--url", node.url])
            #expect(up.ending == .exit(0))
            #expect(up.output.contains("good is up"))
            let unknown = try await Self.command(["why", "nobody", "--url", node.url])
            #expect(unknown.ending == .exit(64))
            #expect(
                unknown.log == "nova-federation: no peer is named nobody; "
                    + "configured peers: gone, good\n"
            )
        }
    }

    @Test func `status names the node that moves N by more than 0.3, and why shows N without it`()
        async throws
    {
        let peers = try [("a", 0.3), ("b", 0.4), ("c", 1)]
            .map { name, gStar in
                (name, try ScriptedPeer(.summary(nodeID: "node-\(name)", gStar: gStar)))
            }
        defer { for (_, peer) in peers { peer.stop() } }
        try await withNode(peers: peers.map { "\($0)=\($1.url)" }, restingEta) { node in
            await eventually("a tick sees all peers") {
                (try? await node.wisdom().influence.count) == 3
            }
            // The deviations of 0.3, 0.4, 1 from their mean are -4/15, -1/6, 13/30.
            let status = try await Self.command(["status", "--url", node.url])
            #expect(status.output.contains("; without c N would be 0.10; G* "), "\(status.output)")
            let why = try await Self.command(["why", "c", "--url", node.url])
            #expect(why.output.contains("\nWithout c, N would be 0.10 instead of 0.62.\n"))
            #expect(why.output.contains("success rate  1.00, between 0."))
            let json = try await Self.command(["why", "a", "--json", "--url", node.url])
            let object = try JSONSerialization.jsonObject(with: Data(json.output.utf8))
            let influence = (object as? [String: Any])?["influence"] as? [String: Any]
            #expect(influence?["node_id"] as? String == "node-a")
            let without = try #require(influence?["novelty_without"] as? Double)
            #expect(abs(without - 0.6) < 1e-12)
        }
    }
}
