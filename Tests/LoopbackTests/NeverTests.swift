import Foundation
import TestSupport
import Testing

/// What the service never does, whatever its peers say.
@Suite struct NeverTests {
    /// Answers that ask for something else than to be pulled again, as a browser would grant it.
    private static func temptations(_ elsewhere: String) -> [(name: String, script: Script)] {
        func answer(_ status: Int, _ headers: String...) -> Script {
            .answer(response(status, headers: headers, body: summaryJSON(nodeID: "nova-\(status)")))
        }
        let cookies = answer(200, "Set-Cookie: a=b; Path=/; Max-Age=9999", "Set-Cookie2: c=d")
        return [
            ("cookies", cookies),
            ("moved", answer(301, "Location: \(elsewhere)/a")),
            ("found", answer(302, "Location: \(elsewhere)/a", "Set-Cookie: a=b")),
            ("see-other", answer(303, "Location: \(elsewhere)/a")),
            ("use-proxy", answer(305, "Location: \(elsewhere)")),
            ("redirected", answer(307, "Location: \(elsewhere)/a")),
            ("permanently", answer(308, "Location: \(elsewhere)/a")),
            ("basic", answer(401, "WWW-Authenticate: Basic realm=\"a\"")),
            ("negotiate", answer(401, "WWW-Authenticate: Negotiate", "WWW-Authenticate: NTLM")),
            ("proxy-auth", answer(407, "Proxy-Authenticate: Basic realm=\"a\"")),
            ("broken", answer(500)),
            ("later", answer(503, "Retry-After: 3600")),
            ("too-many", answer(429, "Retry-After: 3600")),
            (
                "services",
                answer(
                    200,
                    "Alt-Svc: http/1.1=\"\(elsewhere.dropFirst("http://".count))\"; ma=9999",
                    "Strict-Transport-Security: max-age=9999",
                    "Content-Location: \(elsewhere)/a",
                    "Refresh: 0; url=\(elsewhere)/a",
                    "Link: <\(elsewhere)/a>; rel=preload",
                    "Accept-CH: DPR",
                    "Report-To: {\"endpoints\":[{\"url\":\"\(elsewhere)/a\"}]}"
                )
            ),
            ("upgrade", answer(426, "Upgrade: TLS/1.2, HTTP/1.1", "Connection: Upgrade")),
        ]
    }

    /// A folder with files that other clients read, each full of secrets and of orders.
    private func makeHome(_ elsewhere: String) throws -> String {
        let home = "/tmp/nova-federation-test-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: home, withIntermediateDirectories: false)
        let files = [
            ".netrc": "machine 127.0.0.1 login a password b\ndefault login a password b\n",
            ".curlrc": "proxy = \"\(elsewhere)\"\nuser = \"a:b\"\ncookie = \"a=b\"\n",
        ]
        for (name, text) in files {
            try text.write(toFile: "\(home)/\(name)", atomically: false, encoding: .utf8)
        }
        return home
    }

    @Test func `a peer sees only GETs of its summary, and nobody else is asked anything`()
        async throws
    {
        let elsewhere = try ScriptedPeer(.summary(nodeID: "nova-elsewhere"), on: "127.98.0.1")
        let cases = Self.temptations(elsewhere.url)
        let peers = try cases.map { try ScriptedPeer($0.script, on: "127.98.0.2") }
        let home = try makeHome(elsewhere.url)
        defer {
            for peer in peers + [elsewhere] { peer.stop() }
            // Only leaves two small files behind if it fails.
            try? FileManager.default.removeItem(atPath: home)
        }
        var more = ["HOME": home, "CURL_HOME": home]
        for name in ["http", "https", "all", "HTTP", "HTTPS", "ALL"] {
            more[name + (name == name.uppercased() ? "_PROXY" : "_proxy")] = elsewhere.url
        }
        more["NO_PROXY"] = "none.invalid"
        let entries = zip(cases, peers).map { "\($0.name)=\($1.url)" }
        let environment = HostileNode.environment(
            peers: entries,
            interval: 0.1,
            timeout: 0.1,
            more: more
        )
        let version = try await run(daemonExecutable(), ["version"]).output
        let product = try #require(version.split(separator: "\n").first?.split(separator: " ").last)
        try await withDaemon(environment: environment) { daemon in
            let node = try await HostileNode(daemon)
            // 300 pulls of each: two and a half hours at the default interval.
            for _ in 1...60 {
                let ready = try await node.page("/ready")
                #expect(ready.status == 200)
                #expect(ready.text == "{\"ready\":true}")
                try await Task.sleep(for: .milliseconds(500))
            }
            try await node.stop()
        }
        for (testCase, peer) in zip(cases, peers) {
            let allowed = """
                GET /federation/sync/summary HTTP/1.1\r
                Host: 127.98.0.2:\(peer.port)\r
                User-Agent: nova-federation/\(product)\r
                Accept: application/json\r
                \r

                """
            let requests = Set(peer.requests.map { String(decoding: $0.bytes, as: UTF8.self) })
            #expect(requests == [allowed], "\(testCase.name)")
            // What a peer asks for does not slow its pulls down either.
            #expect(peer.requests.count >= 200, "\(testCase.name)")
        }
        #expect(elsewhere.connectionCount == 0)
        #expect(elsewhere.requests.isEmpty)
    }

    @Test func `readiness is the same with all peers up, down or never reached`() async throws {
        let peer = try ScriptedPeer(.summary(nodeID: "nova-a"))
        defer { peer.stop() }
        let environment = HostileNode.environment(
            peers: ["a=\(peer.url)", "b=http://127.98.0.3:\(try freePort(on: "127.98.0.3"))"],
            interval: 0.2,
            timeout: 0.2
        )
        try await withDaemon(environment: environment) { daemon in
            let node = try await HostileNode(daemon)
            func expect(_ state: String) async throws {
                await eventually("the peer is \(state)") {
                    let said = try? await node.peers()["a"]?.state
                    return said == state
                }
                let ready = try await node.page("/ready")
                #expect(ready.status == 200)
                #expect(ready.text == "{\"ready\":true}")
            }
            try await expect("up")
            peer.stop()
            try await expect("down")
            try await node.stop()
        }
    }

    @Test func `a node that waits for its next pull rests, whatever idle connections do`()
        async throws
    {
        let peers = try (0..<30).map { try ScriptedPeer(.summary(nodeID: "nova-\($0)")) }
        let environment = HostileNode.environment(
            peers: peers.enumerated().map { "p\($0.offset)=\($0.element.url)" },
            interval: 3600,
            timeout: 2,
            more: ["NOVA_WISDOM_POLL_INTERVAL": "60"]
        )
        try await withDaemon(environment: environment) { daemon in
            let node = try await HostileNode(daemon)
            await eventually("all were pulled") {
                let states = try? await node.peers().values.map(\.state)
                return states?.allSatisfy { $0 == "up" } == true
            }
            // The peers close what was kept; a readiness that nobody takes would spin.
            for peer in peers { peer.stop() }
            let before = try await node.metrics()["process_cpu_seconds_total"] ?? .infinity
            try await Task.sleep(for: .seconds(3))
            let after = try await node.metrics()["process_cpu_seconds_total"] ?? .infinity
            #expect(after - before < 0.5)
            try await node.stop()
        }
    }
}
