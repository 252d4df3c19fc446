import TestSupport
import Testing

/// What the service never does, whatever its peers send.
@Suite struct NeverTests {
    /// Responses that would make a browser set cookies, authenticate or contact other servers.
    private static func browserResponses(_ elsewhere: String) -> [(name: String, script: Script)] {
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

    /// A home directory with files of other clients: credentials, cookies and proxies.
    private func makeHome(_ elsewhere: String) throws -> TemporaryDirectory {
        let home = try TemporaryDirectory()
        let netrc = "machine 127.0.0.1 login a password b\ndefault login a password b\n"
        try home.overwrite(".netrc", with: netrc)
        let curlrc = "proxy = \"\(elsewhere)\"\nuser = \"a:b\"\ncookie = \"a=b\"\n"
        try home.overwrite(".curlrc", with: curlrc)
        return home
    }

    @Test func `a peer gets only GETs of its summary, and no other server is contacted`()
        async throws
    {
        let elsewhere = try ScriptedPeer(.summary(nodeID: "nova-elsewhere"), on: "127.98.0.1")
        let cases = Self.browserResponses(elsewhere.url)
        let peers = try cases.map { try ScriptedPeer($0.script, on: "127.98.0.2") }
        let home = try makeHome(elsewhere.url)
        defer { for peer in peers + [elsewhere] { peer.stop() } }
        var settings = ServedNode.shortIntervals(interval: 0.1, timeout: 0.1)
        settings.merge(["HOME": home.path, "CURL_HOME": home.path]) { $1 }
        for name in ["http", "https", "all", "HTTP", "HTTPS", "ALL"] {
            settings[name + (name == name.uppercased() ? "_PROXY" : "_proxy")] = elsewhere.url
        }
        settings["NO_PROXY"] = "none.invalid"
        let version = try await run(daemonExecutable(), ["version"]).output
        let product = try #require(version.split(separator: "\n").first?.split(separator: " ").last)
        let node = try await ServedNode(
            peers: zip(cases, peers).map { "\($0.name)=\($1.url)" },
            settings: settings
        )
        defer { node.process.kill() }
        // 300 pulls of each: two and a half hours at the default interval.
        for _ in 1...60 {
            #expect(try await node.page("/ready") == "{\"ready\":true}")
            try await Task.sleep(for: .milliseconds(500))
        }
        #expect(try await node.stop() == .exit(0))
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
            // Nor do these responses slow the pulls down.
            #expect(peer.requests.count >= 200, "\(testCase.name)")
        }
        #expect(elsewhere.connectionCount == 0)
        #expect(elsewhere.requests.isEmpty)
    }

    @Test func `a node is ready whether its peers are up, down or never reached`() async throws {
        let peer = try ScriptedPeer(.summary(nodeID: "nova-a"))
        defer { peer.stop() }
        let node = try await ServedNode(
            peers: ["a=\(peer.url)", "b=http://127.98.0.3:\(try freePort(on: "127.98.0.3"))"],
            settings: ServedNode.shortIntervals(interval: 0.2, timeout: 0.2)
        )
        defer { node.process.kill() }
        func expect(_ state: String) async throws {
            try await eventually("the peer is \(state)") {
                try await node.health().peer("a")?.state == state
            }
            #expect(try await node.page("/ready") == "{\"ready\":true}")
        }
        try await expect("up")
        peer.stop()
        try await expect("down")
        #expect(try await node.stop() == .exit(0))
    }

    @Test func `a node is idle between pulls, even when peers close idle connections`()
        async throws
    {
        let peers = try (0..<30).map { try ScriptedPeer(.summary(nodeID: "nova-\($0)")) }
        let settings = ServedNode.shortIntervals(interval: 3600, timeout: 2)
            .merging(["NOVA_WISDOM_POLL_INTERVAL": "60"]) { $1 }
        let node = try await ServedNode(
            peers: peers.enumerated().map { "p\($0.offset)=\($0.element.url)" },
            settings: settings
        )
        defer { node.process.kill() }
        try await eventually("all were pulled") {
            try await node.health().peers.allSatisfy { $0.state == "up" }
        }
        // The peers close their idle connections; an event that is not handled would spin.
        for peer in peers { peer.stop() }
        let before = try #require(try await node.metrics()["process_cpu_seconds_total"])
        try await Task.sleep(for: .seconds(3))
        let after = try #require(try await node.metrics()["process_cpu_seconds_total"])
        #expect(after - before < 0.5)
        #expect(try await node.stop() == .exit(0))
    }
}
