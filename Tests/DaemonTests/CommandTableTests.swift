import Federation
import Testing

@testable import Daemon
@testable import Pages

/// The table that `pull` and `demo` print.
struct CommandTableTests {
    @Test
    func `columns are as wide as their widest cell, and a missing value is a dash`() {
        var table = TextTable(header: ["peer", "state", "G*"])
        table.add(["a", "up", "0.5"])
        table.add(["a-long-name", nil, nil])
        #expect(
            table.text == """
                peer         state  G*
                a            up     0.5
                a-long-name  -      -
                """
        )
    }

    static let hostile: [(text: String, shown: String)] = [
        ("\u{1B}[2J\u{1B}[H", "\u{FFFD}[2J\u{FFFD}[H"),
        (
            "a\nb\tc\rd\u{0}e\u{7F}f\u{9B}g",
            "a\u{FFFD}b\u{FFFD}c\u{FFFD}d\u{FFFD}e\u{FFFD}f\u{FFFD}g"
        ),
        ("up\u{202E}nwod\u{2066}x\u{200B}", "up\u{FFFD}nwod\u{FFFD}x\u{FFFD}"),
        ("a\u{2028}b\u{2029}c", "a\u{FFFD}b\u{FFFD}c"),
        ("a\u{61C}b\u{200E}c\u{3164}d\u{E0041}", "a\u{FFFD}b\u{FFFD}c\u{FFFD}d\u{FFFD}"),
        ("\r\n", "\u{FFFD}\u{FFFD}"),
        ("größe 節 🛰", "größe 節 🛰"),
        (String(repeating: "x", count: 100), String(repeating: "x", count: 64)),
    ]

    @Test(arguments: hostile.indices)
    func `a cell is cut, and control and invisible characters in it are replaced`(index: Int) {
        let (text, shown) = Self.hostile[index]
        #expect(text.printable(upTo: 64) == shown)
        var table = TextTable(header: ["node_id"])
        table.add([text])
        #expect(table.text == "node_id\n\(shown)")
    }

    @Test
    func `control characters in the detail of a failure are replaced`() throws {
        let status = try PageSpecimen.with { specimen in
            let failure = Failure(
                .tlsFailed,
                stage: .tls,
                detail: "subject \u{1B}[2J does not match"
            )
            specimen.pulls.append(PageSpecimen.failed("alpha", 99, failure))
        }
        let rows = status.report.peers.map { PulledPeer(report: $0, status: nil) }
        let table = PulledPeer.table(rows)
        #expect(table.contains("alpha: subject \u{FFFD}[2J does not match"))
        #expect(!table.unicodeScalars.contains("\u{1B}"))
        let good = rows.filter(\.isGood).map(\.report.peer.label)
        #expect(!good.contains("alpha") && good.contains("twin-1"))
    }

    @Test
    func `the table shows the state and identity of each peer`() throws {
        let rows = try PageSpecimen().status().report.peers
            .map { PulledPeer(report: $0, status: nil) }
        let states = PulledPeer.table(rows).split(separator: "\n").dropFirst()
            .map { $0.split(separator: /\s{2,}/).prefix(2).joined(separator: ": ") }
        for state in [
            "alpha: up", "clone: clone", "self: self", "new: unknown", "twin-2: up (duplicate)",
            "wanderer: up (changing)", "10.0.0.2:8100/nova: down",
        ] {
            #expect(states.contains(state), "\(state)")
        }
    }
}
