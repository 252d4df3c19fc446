import Foundation
import Glibc
import TestSupport
import Testing

/// The pages for browsers of a real node.
@Suite struct PageTests {
    /// The labels of the peers in the table, from top to bottom.
    private static func labels(_ page: String) -> [String] {
        page.matches(of: /class="full"><a href="[^"]*"><bdi>([^<]*)</).map { String($0.output.1) }
    }

    /// A node with a peer that answers with hostile text, one that is down, and one that fails with
    /// hostile text.
    private static func withHostilePeers(
        _ environment: [String: String] = [:],
        _ body: (ServedNode) async throws -> Void
    ) async throws {
        // As in JSON, which the summary of a script does not escape.
        let id = "</bdi><script>alert(1)</script>\\\"'&\u{202E}\u{200F}" + "\u{1F300}\u{301}"
        let good = try ScriptedPeer(.summary(nodeID: id, gStar: 0.45))
        let summary = "{\"<img src=x onerror=alert(1)>\u{202E}\": 1}"
        let bad = try ScriptedPeer(.answer(response(200, body: summary)))
        let peers = ["good=\(good.url)", "bad=\(bad.url)", "gone=http://127.0.0.1:9"]
        try await withNode(peers: peers, environment) { node in
            await eventually("every peer was pulled") {
                (try? await node.health().peers.allSatisfy { $0.state != "unknown" }) == true
            }
            try await body(node)
        }
    }

    @Test func `a page is safe and accessible, whatever peers send`() async throws {
        let directory = try TemporaryDirectory()
        for settings in [[:], ["NOVA_FED_STATE_DIR": directory.path]] {
            try await Self.withHostilePeers(settings) { node in
                for path in ["/", "/peers/good", "/peers/bad", "/peers/gone", "/?q=%22%3E%3Cx"] {
                    let page = try await node.get(path)
                    #expect(page.status == 200, "\(path)")
                    #expect(try await pageCheck(page.text) == "", "\(path)")
                    #expect(!page.text.contains("<script") && !page.text.contains("<img"))
                    let policy = try #require(page.header("content-security-policy"))
                    #expect(policy.hasPrefix("default-src 'none'; style-src 'sha256-"))
                    let head = try await node.probe.get(path, method: "HEAD")
                    #expect(head.status == 200 && head.body.isEmpty)
                    #expect(head.header("content-security-policy") == policy)
                    #expect(head.header("content-type") == "text/html; charset=utf-8")
                }
                let page = try await node.page("/")
                #expect(page.contains(#"<meta http-equiv="refresh" content="15"/>"#))
                #expect(page.contains("&lt;script&gt;alert(1)"))
                #expect(Set(Self.labels(page).prefix(2)) == ["bad", "gone"])
                #expect(Self.labels(page).last == "good")
                #expect(page.contains("href=\"/?state=up\""))
                #expect(page.contains("the node started"))
                #expect(page.contains("down: connection refused"))
            }
        }
    }

    @Test func `the page of a peer explains why it is down`() async throws {
        try await Self.withHostilePeers { node in
            await eventually("its event is recorded", within: .seconds(30)) {
                (try? await node.page("/peers/gone").contains("down: connection refused")) == true
            }
            let gone = try await node.page("/peers/gone")
            #expect(gone.contains("Connection refused."))
            #expect(gone.contains("Nothing listens at http://127.0.0.1:9."))
            #expect(gone.contains("NovaFederationPeerDown"))
            #expect(try await node.page("/peers/%67one").contains("<bdi>gone</bdi></h1>"))
            let good = try await node.page("/peers/good")
            #expect(good.contains("Quality"))
            #expect(good.contains("<title>") && good.contains("First byte "))
            let nobody = try await node.get("/peers/no%3Cbody%3E")
            #expect(nobody.status == 404)
            #expect(nobody.text.contains("<bdi>no&lt;body&gt;</bdi>"))
            #expect(try await pageCheck(nobody.text) == "")
        }
    }

    @Test func `a wrong parameter returns a page with status 400 that names it`() async throws {
        try await withNode(peers: ["a=http://127.0.0.1:9"]) { node in
            #expect(try await node.get("/peers/a?x=1").status == 400)
            #expect(try await node.get("/peers/a?q=a").status == 400)
            for path in ["/?refresh=0", "/peers/a?refresh=0"] {
                let page = try await node.page(path)
                #expect(page.contains("Refresh automatically"))
                #expect(!page.contains("http-equiv"))
            }
            for (query, name) in [
                ("state=bad", "state"), ("page=0", "page"), ("q=a&q=b", "q"), ("x=1", "x"),
                ("refresh=2", "refresh"),
                ("%3Cb%3E=1", "&lt;b&gt;"), ("q=\(String(repeating: "x", count: 65))", "q"),
            ] {
                let page = try await node.get("/?\(query)")
                #expect(page.status == 400, "\(query)")
                #expect(page.text.contains("<p><bdi>\(name)</bdi> "), "\(query)")
                #expect(try await pageCheck(page.text) == "", "\(query)")
                #expect(page.header("content-security-policy") != nil)
            }
        }
    }

    @Test func `450 peers are on three pages, and a filter finds them`() async throws {
        let peers = (0..<450).map { "p\($0)=http://127.9.\($0 / 200).\($0 % 200 + 1):9" }
        try await withNode(peers: peers, ["NOVA_FED_LOG_LEVEL": "critical"]) { node in
            // From then on no pull changes the order.
            try await eventually("every peer is down") {
                try await node.health().peers.allSatisfy { $0.state == "down" }
            }
            var found: [String] = []
            for (number, count) in [(1, 200), (2, 200), (3, 50)] {
                let page = try await node.page("/?page=\(number)")
                let labels = Self.labels(page)
                #expect(labels.count == count)
                #expect(page.contains("Page \(number) of 3"))
                #expect(page.contains(" of 450</caption>"))
                #expect(try await pageCheck(page) == "")
                found += labels
            }
            #expect(Set(found).count == 450)
            #expect(Self.labels(try await node.page("/?page=99")).count == 50)
            let some = Self.labels(try await node.page("/?q=P44"))
            #expect(Set(some) == Set(["p44"] + (440...449).map { "p\($0)" }))
            let page = try await node.page("/?q=p44&state=up")
            #expect(page.contains("No peer matches."))
        }
    }

    @Test func `the page works while federation is off, and while the node shuts down`()
        async throws
    {
        let off = ["FEDERATION_ENABLED": "0", "NOVA_FED_PEERS": "a=http://127.0.0.1:9"]
        try await withNode(off) { node in
            let page = try await node.page("/")
            #expect(page.contains("FEDERATION_ENABLED=1 turns it on"))
            #expect(try await pageCheck(page) == "")
            #expect(try await node.get("/peers/a").status == 404)
        }
        try await withNode(["NOVA_FED_DRAIN_SEC": "60"]) { node in
            node.process.send(SIGTERM)
            try await eventually("it drains") { try await node.get("/ready").status == 503 }
            let page = try await node.page("/")
            #expect(page.contains("shutting down"))
            #expect(try await pageCheck(page) == "")
        }
    }

    @Test func `requests for pages are counted under two paths`() async throws {
        try await withNode(peers: ["a=http://127.0.0.1:9", "b=http://127.0.0.1:9/b"]) { node in
            for path in ["/", "/?q=x", "/peers/a", "/peers/b", "/peers/127.0.0.1:9/b"] {
                _ = try await node.get(path)
            }
            let metrics = try await node.metrics()
            let name = "nova_federation_http_requests_total"
            #expect(metrics["\(name){code=\"200\",path=\"/\"}"] == 2)
            #expect(metrics["\(name){code=\"200\",path=\"/peers/NAME\"}"] == 2)
            #expect(metrics["\(name){code=\"404\",path=\"/peers/NAME\"}"] == 1)
        }
    }
}
