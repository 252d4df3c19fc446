import Federation
import Foundation
import TestSupport
import Testing

@testable import Pages
@testable import Settings
@testable import StateStore
@testable import Timing

/// The pages for browsers as functions of a status.
@Suite struct BrowserPageTests {
    private static func overview(
        _ parameters: [(name: String, value: String)] = [],
        events: Result<[ShownEvent], StoreFault> = .success([]),
        _ change: (inout PageSpecimen) -> Void = { _ in }
    ) throws -> String {
        var specimen = PageSpecimen()
        change(&specimen)
        let (status, ledger, now) = try specimen.snapshot()
        let filter = try PeerFilter(parameters: parameters)
        let overview = Overview(of: status, in: ledger, at: now, filter)
        return String(decoding: overview.page(events: events), as: UTF8.self)
    }

    private static func peer(
        _ label: String,
        _ parameters: [(name: String, value: String)] = []
    ) throws -> String {
        let (status, ledger, now) = try PageSpecimen().snapshot()
        let filter = try PeerFilter(parameters: parameters, allowed: ["refresh"])
        let peer = try #require(PeerDetail(of: label, in: status, ledger, at: now, filter))
        return String(decoding: peer.page(events: .success([])), as: UTF8.self)
    }

    /// The labels of the peers in the table, from top to bottom.
    static func labels(_ page: String) -> [String] {
        page.matches(of: /class="full"><a href="[^"]*"><bdi>([^<]*)</).map { String($0.output.1) }
    }

    /// The number of marks of a kind in the first plot of a page.
    private static func marks(_ kind: String, in page: String) -> Int {
        let path = page.components(separatedBy: "class=\"\(kind)\"").dropFirst().first ?? ""
        let data = path.components(separatedBy: " d=\"").dropFirst().first ?? ""
        return data.prefix { $0 != "\"" }.count { $0 == "M" }
    }

    /// Events of every kind, with a hostile text in every field.
    private static var hostileEvents: [ShownEvent] {
        EventKind.allCases.map { kind in
            var row = EventRow(id: 1, at: .infinity, kind: kind.rawValue, lateness: 1e300)
            (row.reason, row.phase, row.detail) = (hostile, hostile, hostile)
            (row.from, row.to, row.count, row.lasted) = (hostile, hostile, 3, .infinity)
            return ShownEvent(row, peer: hostile)
        }
    }

    private static let hostile = String(
        repeating: "<script>\"'&]]>\u{202E}\u{0}-->",
        count: 5
    )

    @Test func `every page is well-formed and accessible, whatever its state`() async throws {
        let full = String(repeating: "\u{1F1E9}\u{301}\u{200F}<", count: 16)
        var pages: [String: String] = [
            "usual": try Self.overview(),
            "hostile": try Self.overview(
                [("q", "\"><script>"), ("state", "up")],
                events: .success(Self.hostileEvents)
            ) { $0.pulls.append(PageSpecimen.good("alpha", 97, full, version: full)) },
            "unread": try Self.overview(events: .failure(.corrupt(path: "<x>", cause: "&"))),
            "off": try Self.overview { $0.environment = ["FEDERATION_ENABLED": "0"] },
            "single": try Self.overview { $0.environment["NOVA_FED_SYNC_ENABLED"] = "0" },
            "no peers": try Self.overview { $0.environment["NOVA_FED_PEERS"] = "" },
            "all down": try Self.overview { specimen in
                specimen.pulls = specimen.pulls.map {
                    PageSpecimen.failed($0.peer, $0.seconds, Failure(.tlsFailed, stage: .tls))
                }
            },
            "draining": try Self.overview { $0.isDraining = true },
            "no numbers": try Self.overview { $0.local = LocalState() },
            "broken source": try Self.overview { $0.local.problem = "file:/<x> cannot be read" },
            "parameter": String(
                decoding: FaultPage.badParameter(ParameterFault(name: full, message: "is bad")),
                as: UTF8.self
            ),
            "no peer": String(decoding: FaultPage.noPeer(named: Self.hostile), as: UTF8.self),
        ]
        for report in try PageSpecimen().status().report.peers {
            pages["peer \(report.peer.label)"] = try Self.peer(report.peer.label)
        }
        for (name, page) in pages {
            #expect(try await pageCheck(page) == "", "\(name)")
            #expect(!page.contains("<script") && !page.contains("\u{202E}"), "\(name)")
        }
    }

    @Test func `a checker of pages finds each fault`() async throws {
        let page = try Self.overview()
        for (part, with) in [
            ("<h1>", "<h1><script/>"), ("</table>", ""), ("<html lang=\"en\">", "<html>"),
            ("<h2 id=\"facts\">", "<h4 id=\"facts\">"), ("scope=\"row\"", ""),
            ("<main>", "<main style=\"color:red\">"), ("role=\"img\"", ""),
            ("<h1>", "<h1>\u{202E}"), ("href=\"/\"", "href=\"//evil.example/\""),
            ("<caption>", "<p/><caption>"), ("--soft:#57606c", "--soft:#a7b06c"),
        ] {
            #expect(page.contains(part))
            let broken = page.replacing(part, with: with)
            #expect(try await pageCheck(broken) != "", "\(part) as \(with)")
        }
    }

    @Test func `the policy names the digest of the style`() async throws {
        let page = try Self.overview()
        let sheet = try #require(page.firstMatch(of: /<style>(?s:(.*))<\/style>/)).output.1
        let sum = try await run(
            tool(named: "sha256sum", package: "coreutils"),
            input: Array(sheet.utf8)
        )
        let digits = Array(sum.output.prefix(64))
        let bytes = stride(from: 0, to: 64, by: 2)
            .compactMap { UInt8(String(digits[$0...$0 + 1]), radix: 16) }
        #expect(PageStyle.digest == Data(bytes).base64EncodedString())
        #expect(
            HTMLDocument.policy
                == "default-src 'none'; style-src 'sha256-\(PageStyle.digest)'; img-src data:"
        )
    }

    @Test func `peers are listed worst first, and filtered by state and text`() throws {
        let all = Self.labels(try Self.overview())
        #expect(all.count == 9)
        #expect(all.prefix(3) == ["10.0.0.2:8100/nova", "clone", "new"])
        #expect(all.last == "self")
        for (parameters, expected) in [
            ([("state", "down")], ["10.0.0.2:8100/nova"]),
            ([("state", "clone"), ("q", "")], ["clone"]),
            ([("q", "TWIN")], ["twin-1", "twin-2"]),
            ([("q", "wrong_type")], ["10.0.0.2:8100/nova"]),
            ([("q", "node-a")], ["alpha"]),
            ([("q", "nobody")], []),
            ([("page", "7"), ("q", "twin")], ["twin-1", "twin-2"]),
        ] as [([(name: String, value: String)], [String])] {
            #expect(Set(Self.labels(try Self.overview(parameters))) == Set(expected))
        }
        let filtered = try Self.overview([("q", "twin &"), ("state", "up")])
        #expect(filtered.contains(#"href="/?state=up&amp;q=twin%20%26" aria-current="true""#))
        #expect(filtered.contains(#"value="twin &amp;""#))
    }

    @Test(arguments: [
        ("state", "bad"), ("page", "0"), ("page", "10001"), ("page", "x"), ("page", "1.5"),
        ("q", String(repeating: "x", count: 65)), ("limit", "1"), ("", ""),
        ("refresh", "2"), ("refresh", "x"),
    ])
    func `a wrong parameter is named`(name: String, value: String) {
        let fault = #expect(throws: ParameterFault.self) {
            try PeerFilter(parameters: [(name, value)])
        }
        #expect(fault?.name == name)
        #expect(throws: ParameterFault.self) {
            try PeerFilter(parameters: [("q", ""), ("q", "")])
        }
    }

    @Test func `the sentences follow from the numbers`() throws {
        let usual = try Self.overview()
        #expect(usual.contains("1 down: 10.0.0.2:8100/nova."))
        #expect(usual.contains("How much the G* of the live peers differ"))
        let agreeing = try Self.overview { specimen in
            specimen.environment["NOVA_FED_PEERS"] = "a=http://10.0.0.1,b=http://10.0.0.2"
            specimen.pulls = [
                PageSpecimen.good("a", 98, "a"), PageSpecimen.good("b", 99, "b"),
            ]
        }
        #expect(agreeing.contains("All peers agree: N is 0, and nothing is wrong."))
        #expect(agreeing.contains("Nothing is wrong.</p>"))
        let alone = try Self.overview { $0.environment["NOVA_FED_SYNC_ENABLED"] = "0" }
        #expect(alone.contains("NOVA_FED_SYNC_ENABLED is not 1"))
        #expect(try Self.overview { $0.isDraining = true }.contains("shutting down"))
        let broken = try Self.overview { $0.local.problem = "file:/x cannot be read" }
        #expect(broken.contains("The local source file:/x cannot be read."))
    }

    @Test func `peers come before the facts of the node`() throws {
        let page = try Self.overview()
        let ids = page.matches(of: /<h2 id="([a-z]+)"/).map { String($0.output.1) }
        #expect(ids == ["wrong", "peers", "events", "facts"])
        #expect(page.contains("Pulls each peer every"))
        for setting in ["NOVA_FED_SYNC_ENABLED", "FEDERATION_ENABLED"] {
            let alone = try Self.overview { $0.environment[setting] = "0" }
            #expect(!alone.contains("Pulls each peer every"))
        }
    }

    @Test func `a page that does not refresh keeps that in its links and its form`() throws {
        let usual = try Self.overview([("state", "up")])
        #expect(usual.contains(#"<meta http-equiv="refresh""#))
        #expect(usual.contains(#"href="/?state=up&amp;refresh=0">Stop refreshing</a>"#))
        let still = try Self.overview([("refresh", "0"), ("state", "up")])
        #expect(!still.contains(#"<meta http-equiv="refresh""#))
        #expect(still.contains(#"href="/?state=up">Refresh automatically</a>"#))
        #expect(still.contains(#"<input type="hidden" name="refresh" value="0"/>"#))
        #expect(still.contains(#"href="/?state=down&amp;refresh=0""#))
        #expect(still.contains(#"href="/peers/alpha?refresh=0""#))
        let peer = try Self.peer("alpha", [("refresh", "0")])
        #expect(!peer.contains(#"<meta http-equiv="refresh""#))
        #expect(peer.contains(#"href="/peers/alpha">Refresh automatically</a>"#))
        #expect(peer.contains(#"<a href="/?refresh=0">All peers"#))
        #expect(try Self.peer("alpha").contains(#"href="/peers/alpha?refresh=0">Stop"#))
        #expect(throws: ParameterFault.self) { try Self.peer("alpha", [("q", "a")]) }
    }

    @Test func `an event has the words of the list of peers, and its detail apart`() throws {
        var row = EventRow(id: 1, at: PageSpecimen.epoch, kind: "peer_down", lateness: 2)
        (row.reason, row.phase, row.detail) = ("timed_out", "first_byte", "after 2 s <")
        let page = try Self.overview(events: .success([ShownEvent(row, peer: "alpha")]))
        let words = "down: timed out before the first byte (this node was late by 2 s)"
        #expect(page.contains("<bdi>\(words)</bdi><small><bdi>after 2 s &lt;</bdi></small>"))
        row.reason = "unheard_of"
        let other = try Self.overview(events: .success([ShownEvent(row, peer: "alpha")]))
        #expect(other.contains("down: unheard_of in first_byte (after 2 s &lt;)"))
    }

    @Test func `a state has the time of its beginning`() throws {
        let page = try Self.overview([("q", "10.0.0.2")])
        let began = "2027-01-15 08:01:31"
        #expect(page.contains("title=\"since \(began) UTC\">for 9\u{A0}s</time>"))
    }

    @Test func `each pull is a mark, and too many share a mark with the worst`() throws {
        let page = try Self.overview([("q", "alpha")])
        let title =
            "8 pulls in 5\u{A0}min: 7 good in 20\u{A0}ms to 20\u{A0}ms, 1 failed (timed out)"
        #expect(page.contains("<title>\(title)</title>"))
        #expect(Self.marks("pulls", in: page) == 7)
        #expect(Self.marks("fails", in: page) == 1)
        let many = try Self.overview([("q", "alpha")]) { specimen in
            specimen.environment["NOVA_FED_SYNC_INTERVAL"] = "0.1"
            specimen.environment["NOVA_FED_WINDOW_SEC"] = "300"
            for tenth in 1...900 {
                specimen.pulls.append(PageSpecimen.good("alpha", 7 + Double(tenth) / 10, "node-a"))
            }
            specimen.pulls.sort { $0.seconds < $1.seconds }
        }
        #expect(
            many.contains(
                "<title>908 pulls in 5\u{A0}min: 907 good in at most 20\u{A0}ms, 1 failed"
            )
        )
        #expect((10...59).contains(Self.marks("pulls", in: many)))
        #expect(Self.marks("fails", in: many) == 1)
    }

    @Test func `the page of a peer has its pulls in parts, its terms, and what to try`() throws {
        let page = try Self.peer("10.0.0.2:8100/nova")
        #expect(page.contains("Field of the wrong type, status 200."))
        #expect(page.contains("metrics.gamma is a string"))
        #expect(page.contains("violates the contract"))
        #expect(page.contains("NovaFederationPeerFormat"))
        let alpha = try Self.peer("alpha")
        #expect(alpha.contains("<title>First byte 10\u{A0}ms, Body 10\u{A0}ms</title>"))
        #expect(alpha.contains("7 of 8 pulls in the last 5\u{A0}min were good"))
        #expect(alpha.contains("Timed out before the first byte."))
        #expect(!alpha.contains("NovaFederationPeerDown"))
        #expect(alpha.matches(of: /<tr role="row"><th role="rowheader"/).count == 3 + 8)
    }
}
