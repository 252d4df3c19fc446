import JSON
import NodeClient
import Testing

@testable import Daemon
@testable import Pages

/// The screen of `top` as a value.
struct TopScreenTests {
    private static let five = [
        TopSpecimen.peer("n2"), TopSpecimen.peer("n3", state: "down", quality: 0.1, p95: nil),
        TopSpecimen.peer("n4", quality: 0.8, p95: 0.25), TopSpecimen.peer("n5"),
        TopSpecimen.peer("n6"),
    ]

    private static func texts(_ screen: TopScreen) -> [String] {
        screen.lines.map { line in
            var text = line.text
            text.trimBlanksAtEnd()
            return text
        }
    }

    @Test func `a screen of 80 by 24 shows the node, its peers worst first, and the keys`() {
        let lines = Self.texts(TopSpecimen.screen(Self.five))
        #expect(
            lines.joined(separator: "\n") == """
                node   n1 at http://127.0.0.1:8100, version 1.2.3, up 2 h 15 min
                mode   peer_sync, federated, ready
                N      0.42, G* of the live peers differ; G* 0.47
                peers  5 live of 5
                faults 1 down: n3

                  peer      state    for         quality   p95 ms  last failure     latencies
                > n3        down     66 min         0.10        -  connect_refused  ×
                  n4        up       66 min         0.80    250.0  -                ▄
                  n2        up       66 min         0.90     12.3  -                ▄
                  n5        up       66 min         0.90     12.3  -                ▄
                  n6        up       66 min         0.90     12.3  -                ▄











                q quit  enter peer  s sort: worst  / filter                        rows 1-5 of 5
                """
        )
    }

    @Test func `a stale peer is shown with the age of its numbers, before others that are up`() {
        let peers = [
            TopSpecimen.peer("n2", quality: 0.1), TopSpecimen.peer("n3", state: "down"),
            TopSpecimen.peer("n4", staleFor: 11_000),
        ]
        let lines = Self.texts(TopSpecimen.screen(peers))
        #expect(lines[4] == "faults 1 down: n3; 1 with stale numbers: n4")
        #expect(lines[7].hasPrefix("> n3 "))
        #expect(lines[8].contains(/^  n4 +stale +3 h 3 min +0\.90/))
        #expect(lines[9].contains(/^  n2 +up +66 min/))
    }

    @Test func `a wide screen has all columns, and long names`() {
        let name = String(repeating: "x", count: 64)
        let lines = Self.texts(
            TopSpecimen.screen([TopSpecimen.peer(name)], columns: 200, rows: 60)
        )
        for title in PeerColumn.allCases.map(\.rawValue) + ["latencies"] {
            #expect(lines[6].contains(title), "\(title)")
        }
        #expect(lines[7].hasPrefix("> \(name)  up "))
        #expect(lines[7].contains("100 %") && lines[7].contains("2 s ago"))
    }

    /// Names that a hostile node could send.
    static let hostile = [
        "\u{1B}[2J\u{1B}[H", "a\nb\tc\rd\u{0}\u{7F}\u{9B}", "up\u{202E}nwod\u{2066}x\u{200B}",
        "節点節点節点節点節点節点節点節点節点節点節点節点", "e\u{301}\u{302}\u{303}\u{304}",
        "\u{301}\u{302}", String(repeating: "\u{301}", count: 64), "👩‍🚀🇩🇪🛰",
        String(repeating: "W", count: 64), String(repeating: "x", count: 5_000), "", "\r\n",
        String(repeating: "🛰", count: 64), "שלום عالم", "\u{1100}\u{1161}\u{11A8}", "twin", "twin",
    ]

    @Test func `every screen of any size has exactly its lines and columns, whatever the names`() {
        var peers = Self.hostile.map { TopSpecimen.peer($0, state: $0, quality: 1e300, p95: 1e300) }
        peers.append(.object([]))
        peers.append(.null)
        let event = ShownEvent(
            .object([("at", .number(1e300)), ("detail", .string("\u{1B}[2J 節点"))])
        )
        let views: [[TopKey]] = [
            [], [.end], [.enter], [.down, .enter, .end], [.scalar("/"), .scalar("節")],
            [.scalar("s"), .scalar("s"), .scalar("s"), .pageDown],
        ]
        for keys in views {
            for rows in Array(0...7) + [10, 16, 24] {
                for columns in Array(0...12) + [20, 30, 79, 80, 200] {
                    let screen = TopSpecimen.screen(
                        peers,
                        keys,
                        columns: columns,
                        rows: rows,
                        events: [event],
                        notice: rows % 2 == 0 ? nil : "no response"
                    )
                    let lines = screen.lines
                    #expect(lines.count == rows, "\(columns) by \(rows)")
                    let wrong = lines.filter {
                        $0.columns != columns || $0.text.columns != columns
                            || !$0.text.unicodeScalars.allSatisfy(\.isVisible)
                    }
                    #expect(wrong.isEmpty, "\(columns) by \(rows), \(keys): \(wrong)")
                }
            }
        }
    }

    @Test func `a frame has no control characters but its own`() {
        let peers = Self.hostile.map { TopSpecimen.peer($0) }
        let frame = ScreenLine.frame(TopSpecimen.screen(peers).lines, .utf8)
        let rest = frame.replacing(/\u{1B}\[[0-9;]+[Hm]|\u{1B}\[K|\u{1B}\[\?2026[hl]/, with: "")
        #expect(!rest.unicodeScalars.contains { !$0.isVisible })
        #expect(frame.contains("\u{1B}[24;1H"))
        let ascii = ScreenLine.frame(TopSpecimen.screen(peers).lines, .ascii)
        #expect(ascii.utf8.allSatisfy { $0 < 0x80 })
    }

    @Test func `the list shows the rows around the selection of thousands of peers`() {
        let peers = (1...5_000)
            .map { number in
                TopSpecimen.peer("p" + String(String(10_000 + number).dropFirst()))
            }
        let lines = Self.texts(TopSpecimen.screen(peers, [.end, .pageUp, .down]))
        #expect(lines[7].hasPrefix("  p4984") && lines[8].hasPrefix("> p4985"))
        #expect(lines.last?.hasSuffix("rows 4984-4999 of 5000") == true)
        let filtered = TopSpecimen.screen(
            peers,
            [.scalar("/"), .scalar("P"), .scalar("4"), .scalar("9"), .scalar("8"), .enter, .down]
        )
        let found = Self.texts(filtered)
        #expect(found[7].hasPrefix("  p4980") && found[8].hasPrefix("> p4981"))
        #expect(found.last?.hasPrefix("q quit  enter peer  s sort: worst  / filter: P498") == true)
        #expect(found.last?.hasSuffix("rows 1-10 of 10, 5000 peers") == true)
    }

    @Test(arguments: [
        (0, ["n3", "n4", "n2"]), (1, ["n2", "n3", "n4"]), (2, ["n3", "n4", "n2"]),
        (3, ["n4", "n2", "n5"]),
    ])
    func `s sorts by worst, name, quality and p95`(count: Int, names: [String]) {
        let keys = Array(repeating: TopKey.scalar("s"), count: count)
        let lines = Self.texts(TopSpecimen.screen(Self.five, keys))
        #expect(lines[7...9].map { $0.dropFirst(2).prefix(2) } == names.map { $0[...] })
    }

    @Test(arguments: ["N3", "down", "refused", "8100/n3"])
    func `the filter finds a part of name, state, reason and URL`(text: String) {
        let keys = [TopKey.scalar("/")] + text.unicodeScalars.map(TopKey.scalar)
        let screen = TopSpecimen.screen(Self.five, keys)
        #expect(screen.list.rows.map(\.shownName) == ["n3"])
        #expect(Self.texts(screen).last?.hasPrefix("filter: \(text)_") == true)
        let none = Self.texts(TopSpecimen.screen(Self.five, keys + [.scalar("~")]))
        #expect(none[7] == "  no peer matches the filter")
    }

    @Test func `enter shows a peer as why does, and its latest pulls`() {
        let event = ShownEvent(
            .object([
                ("id", .number(7)), ("at", .number(1_795_333_008)), ("kind", .string("peer_down")),
                ("reason", .string("timed_out")),
            ])
        )
        let peers = [Self.five[1]]
        let lines = Self.texts(TopSpecimen.screen(peers, [.enter], events: [event]))
        let text = lines.joined(separator: "\n")
        for part in [
            "n3 is down", "  latest pulls  ×", "#7  down: timed_out", "NovaFederationPeerDown",
            "q back",
        ] { #expect(text.contains(part), "\(part)") }
        let unknown = Self.texts(TopSpecimen.screen(peers, [.enter])).joined()
        #expect(unknown.contains("not known yet"))
    }

    @Test func `a node that does not respond is named with its time, also on low screens`() {
        let snapshot = TopSpecimen.snapshot(Self.five)
        let failure = NodeFailure.unreachable(url: "http://n1", detail: "Connection refused")
        let notice = snapshot.notice(failure, now: snapshot.at + 12)
        #expect(notice == "no response since 2026-11-22 07:36:48Z (12 s): Connection refused")
        #expect(snapshot.notice(nil, now: snapshot.at + 1) == nil)
        let slow = snapshot.notice(nil, now: snapshot.at + 5)
        #expect(slow == "no response since 2026-11-22 07:36:48Z (5 s)")
        for (rows, line) in [(24, 5), (12, 2), (6, 0), (5, 4), (2, 1)] {
            let screen = TopSpecimen.screen(Self.five, rows: rows, notice: notice)
            #expect(Self.texts(screen)[line] == notice, "\(rows)")
        }
        let detail = TopSpecimen.screen(Self.five, [.enter], notice: notice)
        #expect(Self.texts(detail)[22] == notice)
    }

    @Test func `the screen shows that a node has no peers`() {
        #expect(Self.texts(TopSpecimen.screen([]))[7] == "  no peers are configured")
    }
}
