import Foundation
import Glibc
import TestSupport
import Testing

/// The shipped configurations of HAProxy and nginx: what they forward, and to which nodes.
@Suite struct BalancerTests {
    @Test func `HAProxy accepts its file without a warning`() async throws {
        let haproxy = try tool(named: "haproxy", package: "haproxy")
        let file = deployed(Balancer.Kind.haproxy.configuration)
        let finished = try await run(haproxy, ["-c", "-dW", "-V", "-f", file])
        #expect(finished.ending == .exit(0))
        #expect(finished.output + finished.log == "Configuration file is valid\n")
    }

    @Test func `nginx accepts its file without a warning`() async throws {
        let folder = try TemporaryDirectory()
        let settings = nginxSettings(deployed(Balancer.Kind.nginx.configuration), folder)
        let finished = try await run(
            try tool(named: "nginx", package: "nginx-light"),
            ["-t", "-q", "-e", "stderr", "-c", folder.write(settings, to: "nginx.conf")]
        )
        #expect(finished.ending == .exit(0))
        #expect(finished.output + finished.log == "")
    }

    /// The number after `words`, which must occur once in the text.
    private func number(after words: String, in text: String) throws -> Double {
        let parts = text.components(separatedBy: words)
        let digits = try #require(parts.count == 2 ? parts.last : nil, "'\(words)' must occur once")
        return try #require(Double(digits.prefix { $0.isNumber }))
    }

    @Test func `the drain is a second longer than its detection and longer than nginx's exclusion`()
        throws
    {
        let settings = try String(
            contentsOfFile: "\(packageRoot)/docs/settings.md",
            encoding: .utf8
        )
        let drain = try number(after: "| `NOVA_FED_DRAIN_SEC` | ", in: settings)
        let haproxy = try edited(Balancer.Kind.haproxy.configuration, [])
        let inter = try number(after: " inter ", in: haproxy) / 1000
        let fall = try number(after: " fall ", in: haproxy)
        #expect((2 * fall + 1) * inter <= drain - 1)
        let nginx = try edited(Balancer.Kind.nginx.configuration, [])
        let memories = try nginx.matches(of: /fail_timeout=(\d+)s/)
            .map { match in
                try #require(Double(match.output.1))
            }
        #expect(memories.count == 3)
        #expect(memories.allSatisfy { $0 < drain })
    }

    @Test(arguments: Balancer.Kind.allCases)
    func `pages about a single node and its network are not forwarded`(
        kind: Balancer.Kind
    ) async throws {
        try await withNodes { nodes in
            try await withBalancer(kind, over: nodes) { balancer in
                let shown = [
                    "/ready", "/federation/wisdom", "/federation/sync/summary",
                    "//federation/sync/summary", "/federation/wisdom?a=b",
                ]
                for path in shown {
                    #expect(try await balancer.probe.get(path).status == 200, "\(path)")
                }
                let hidden = ["/federation/health", "/federation/sd", "/metrics", "/health"]
                for path in hidden {
                    #expect(try await nodes[0].probe.get(path).status == 200, "\(path)")
                }
                let disguised = [
                    "/", "/metrics?a=/ready", "/ready/../metrics", "/%6detrics", "//metrics",
                    "/federation/sync/summary/", "/federation/wisdom/../health", "/ready/",
                ]
                for path in hidden + disguised {
                    let answer = try await balancer.probe.get(path)
                    #expect(answer.status == 404, "\(path)")
                    #expect(answer.text.hasPrefix(#"{"error":"not_found","message":"#), "\(path)")
                    #expect(answer.header("content-type") == "application/json", "\(path)")
                }
            }
        }
    }

    @Test(arguments: Balancer.Kind.allCases)
    func `nodes that list the balancer instead of each other have one changing peer`(
        kind: Balancer.Kind
    ) async throws {
        let port = try freePort()
        let settings = [
            "NOVA_FED_PEERS": "all=http://127.0.0.1:\(port)", "NOVA_FED_SYNC_INTERVAL": "0.2",
        ]
        try await withNodes(settings) { nodes in
            try await withBalancer(kind, over: nodes, at: port) { _ in
                let changing = #"nova_federation_peer_identity{peer="all",state="changing"}"#
                for node in nodes {
                    try await eventually("\(node.name) sees it", within: .seconds(30)) {
                        try await node.metric(changing) == 1
                    }
                    let health = try await node.probe.get("/federation/health").text
                    #expect(health.contains(#""id":"all""#))
                    #expect(health.contains(#""identity":"changing","flags":["changing""#))
                    // The two nodes count as one peer, so N is 0 and G* at most 0.30.
                    #expect(try await node.metric("nova_wisdom_peers") <= 1)
                    #expect(try await node.metric("nova_wisdom_novelty") == 0)
                    #expect(try await node.metric("nova_wisdom_generativity") <= 0.3)
                }
            }
        }
    }

    @Test func `a node can be removed from HAProxy by hand and added again`() async throws {
        let (out, back) = ("set server nodes/n1 state drain", "set server nodes/n1 state ready")
        let page = try String(contentsOfFile: "\(packageRoot)/docs/balancing.md", encoding: .utf8)
        #expect(page.contains("echo '\(out)'") && page.contains("echo '\(back)'"))
        try await withNodes { nodes in
            try await withBalancer(.haproxy, over: nodes) { balancer in
                let requests = { try #require(try await balancer.statistics(of: "n1")["stot"]) }
                let tally = try await SteadyLoad.on(port: balancer.port) { load in
                    try await balancer.order(out)
                    try await balancer.waitUntil("n1", is: "DRAIN", within: .seconds(5))
                    let before = try await requests()
                    let answers = load.tally.answers
                    await eventually("others answer") { load.tally.answers > answers + 200 }
                    let after = try await requests()
                    #expect(after == before)
                    try await balancer.order(back)
                    try await eventually("it answers again") { try await requests() != before }
                }
                #expect(tally.failures == [])
            }
        }
    }

    @Test(arguments: Balancer.Kind.allCases)
    func `while a node drains, the balancer stays ready`(
        kind: Balancer.Kind
    ) async throws {
        try await withNodes(["NOVA_FED_DRAIN_SEC": "60"]) { nodes in
            try await withBalancer(kind, over: nodes) { balancer in
                nodes[0].send(SIGTERM)
                await eventually("it drains") {
                    (try? await nodes[0].probe.get("/ready").status) == 503
                }
                for _ in 0..<50 {
                    let answer = try await balancer.probe.get("/ready")
                    #expect(answer.status == 200)
                }
            }
        }
    }

    @Test(arguments: Balancer.Kind.allCases)
    func `no request fails when a node is killed`(kind: Balancer.Kind) async throws {
        try await withNodes { nodes in
            try await withBalancer(kind, over: nodes) { balancer in
                let tally = try await SteadyLoad.on(port: balancer.port) { load in
                    for node in nodes {
                        node.kill()
                        let answers = load.tally.answers
                        await eventually("others answer") { load.tally.answers > answers + 300 }
                        try await node.start()
                        // HAProxy marks it up after 1 s; nginx tries it again after 2 s.
                        try await Task.sleep(for: .seconds(3))
                    }
                }
                #expect(tally.failures == [])
                #expect(tally.nodes == Set(nodes.map(\.name)))
            }
        }
    }

    @Test(arguments: Balancer.Kind.allCases)
    func `no request fails when a node hangs`(kind: Balancer.Kind) async throws {
        try await withNodes { nodes in
            try await withBalancer(kind, over: nodes) { balancer in
                let tally = try await SteadyLoad.on(port: balancer.port) { load in
                    nodes[0].send(SIGSTOP)
                    if kind == .haproxy {
                        // Each check takes its full time, so detection is as slow as it can be.
                        try await balancer.waitUntil("n1", is: "DOWN", within: .seconds(3.5))
                    }
                    // Requests to the node time out after 12 s.
                    try await Task.sleep(for: .seconds(13))
                    nodes[0].send(SIGCONT)
                }
                #expect(tally.failures == [])
            }
        }
    }

    @Test(arguments: Balancer.Kind.allCases)
    func `without any node every request fails and is counted`(kind: Balancer.Kind) async throws {
        try await withNodes { nodes in
            try await withBalancer(kind, over: nodes) { balancer in
                for node in nodes { node.kill() }
                // The last responses of the nodes may still arrive.
                try await Task.sleep(for: .milliseconds(200))
                let tally = try await SteadyLoad.on(port: balancer.port) { load in
                    await eventually("requests fail") { load.tally.failures.count > 20 }
                }
                #expect(tally.answers == 0)
                #expect(tally.nodes == [])
            }
        }
    }
}
