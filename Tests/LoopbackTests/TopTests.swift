import Foundation
import Glibc
import TestSupport
import Testing

/// `nova-federation top` on real terminals.
@Suite struct TopTests {
    /// Runs a node with four good peers and one that refuses, all pulled at least once.
    private static func withFive(_ body: (ServedNode) async throws -> Void) async throws {
        let good = try (2...5)
            .map { number in
                try ScriptedPeer(.summary(nodeID: "node-\(number)", gStar: 0.1 * Double(number)))
            }
        let peers = good.enumerated().map { "n\($0 + 2)=\($1.url)" }
        try await withNode(peers: peers + ["n6=http://127.0.0.1:9"]) { node in
            _ = try await node.events("kind=peer_up", count: 4)
            _ = try await node.events("kind=peer_down", count: 1)
            try await body(node)
        }
    }

    @Test func `the screen shows the node and its peers, keys work, and q restores the terminal`()
        async throws
    {
        try await Self.withFive { node in
            try await withTop(node.url) { top in
                // Two pulls of n6 failed while it ran.
                let lines = try await top.lines(with: "××")
                #expect(try await top.modes() == "1 0 0")
                #expect(lines[0].hasPrefix("node   node-\(node.port) at \(node.url), version"))
                #expect(lines[1].hasPrefix("mode   peer_sync") && lines[2].hasPrefix("N      "))
                #expect(lines[3] == "peers  4 live of 5" && lines[4] == "faults 1 down: n6")
                #expect(lines[6].hasPrefix("  peer      state    for"))
                #expect(lines[7].hasPrefix("> n6        down ") && lines[7].hasSuffix("×"))
                #expect(lines[7].contains("connect_refused"))
                #expect(lines[8...11].allSatisfy { $0.hasPrefix("  n") && $0.contains(" up ") })
                #expect(lines[23].hasSuffix("rows 1-5 of 5"))

                try await top.press("s")
                try await top.lines(with: "sort: name")
                try await top.press("j", "Down", "Up")
                try await top.lines(with: "> n3")
                try await top.press("Enter")
                let detail = try await top.lines(with: "up, for the first time")
                #expect(detail[0].hasPrefix("n3 is up"))
                #expect(detail.contains { $0.hasPrefix("  latest pulls  ") && $0.count > 17 })
                #expect(detail.last?.hasPrefix("q back") == true || detail[23].hasPrefix("q back"))
                try await top.press("Escape")
                try await top.lines(with: "> n3")
                try await top.press("/", "d", "ö", "BSpace", "o", "w")
                try await top.lines(with: "filter: dow_")
                let found = try await top.lines(with: "rows 1-1 of 1, 5 peers")
                #expect(found[7].hasPrefix("> n6"))
                try await top.press("Escape")
                try await top.lines(with: "rows 1-5 of 5")

                try await top.resize(columns: 200, rows: 60)
                let wide = try await top.lines(with: "last good")
                #expect(wide[6].contains("success") && wide[59].hasPrefix("q quit"))
                try await top.resize(columns: 20, rows: 5)
                let small = try await top.lines(with: "q quit  enter peer …")
                #expect(small[0] == "  peer      state")
                try await top.resize(columns: 1, rows: 1)
                try await top.resize(columns: 80, rows: 24)
                try await top.lines(with: "rows 1-5 of 5")
                try await top.press("q")
                try await top.expectRestored()
            }
        }
    }

    @Test func `control-C and signals end it with 0 and restore the terminal`() async throws {
        try await withNode { node in
            let ends: [(TmuxScreen) async throws -> Void] = [
                { try await $0.press("C-c") }, { try $0.send(SIGTERM) }, { try $0.send(SIGINT) },
                { try $0.send(SIGHUP) }, { try $0.send(SIGQUIT) },
            ]
            for end in ends {
                try await withTop(node.url) { top in
                    try await top.lines(with: "no peers are configured")
                    try await end(top)
                    try await top.expectRestored()
                }
            }
        }
    }

    @Test func `a node that is killed is shown as not responding, and shown again when it is back`()
        async throws
    {
        let port = try freePort()
        let first = try await ServedNode(port: port)
        defer { first.process.kill() }
        try await withTop(first.url) { top in
            try await top.lines(with: "mode   single_node")
            first.process.kill()
            let lines = try await top.lines(with: "no response since")
            #expect(lines[0].hasPrefix("node   "))
            try await top.press("Enter", "s")
            try await top.lines(with: "sort: name")
            let second = try await ServedNode(port: port)
            defer { second.process.kill() }
            try await eventually("the notice disappears") {
                try await !top.lines().contains { $0.contains("no response") }
            }
            second.process.kill()
            try await top.lines(with: "no response since")
            try await top.press("q")
            try await top.expectRestored()
        }
    }

    @Test func `control-Z suspends it, and fg shows the screen again`() async throws {
        try await withNode { node in
            let shell = ["bash", "--noprofile", "--norc", "-i"]
            let top = try await TmuxScreen(shell, columns: 80, rows: 24)
            let command = "\(try daemonExecutable()) top --url \(node.url)"
            try await top.press(command, "Enter")
            try await top.lines(with: "no peers are configured")
            try await top.press("C-z")
            try await top.lines(with: "Stopped")
            #expect(try await top.modes().hasPrefix("0 1"))
            try await top.press("fg", "Enter")
            try await top.lines(with: "no peers are configured")
            #expect(try await top.modes() == "1 0 0")
            try await top.press("q")
            try await top.lines(with: "Stopped")
            try await top.close()
        }
    }

    @Test func `hostile names neither disturb the screen nor its columns`() async throws {
        let names = [
            #"\u001b[2J\u001b[H"#, #"a\nb\tc\r"#, #"up\u202enwod"#, "節点節点", #"e\u0301\u0302"#,
            #"\u0301\u0301\u0301\u0301"#, String(repeating: "x", count: 64), "🛰👩🇩🇪", "ﷺ", "한글",
            #"\u1100\u1161\u11a8"#, String(repeating: "節", count: 64),
        ]
        let peers = names.map {
            #"{"id":"\#($0)","state":"up","quality":0.5,"p95":0.1,"state_age":60}"#
        }
        // The health page and the wisdom page in one.
        let list = peers.joined(separator: ",")
        let page = #"{"node_id":"n1","peer_gstars":[],"peers":[\#(list)]}"#
        let node = try ScriptedPeer(.answer(response(body: page)))
        for (columns, rows) in [(80, 24), (200, 60)] {
            try await withTop(node.url, columns: columns, rows: rows) { top in
                let lines = try await top.lines(with: "rows 1-12 of 12")
                #expect(lines[0].hasPrefix("node   n1 at "))
                #expect(lines[6].hasPrefix("  peer"))
                let places = try await top.columns(of: "0.50", count: names.count)
                let shown = lines.joined(separator: "\n")
                #expect(Set(places).count == 1 && places[0] > 20, "\(places)\n\(shown)")
                try await top.press("End", "Enter")
                try await top.lines(with: "q back")
                try await top.press("q", "q")
                try await top.expectRestored()
            }
        }
    }

    @Test func `five thousand peers can be scrolled, sorted and filtered`() async throws {
        let directory = try TemporaryDirectory()
        let peers = (1...5_000).map { "p\($0)=http://127.0.0.1:9/\($0)" }
        let file = try directory.write(peers.joined(separator: "\n") + "\n", to: "peers")
        let settings = ["NOVA_FED_PEERS_FILE": file, "NOVA_FED_SYNC_INTERVAL": "300"]
        try await withNode(["NOVA_FED_SYNC_ENABLED": "1"].merging(settings) { $1 }) { node in
            for (columns, rows) in [(80, 24), (200, 60)] {
                try await withTop(node.url, columns: columns, rows: rows) { top in
                    let page = rows - 8
                    try await top.lines(with: "rows 1-\(page) of 5000", within: .seconds(20))
                    try await top.press("s", "End")
                    let last = try await top.lines(with: "of 5000")
                    #expect(last.count >= rows)
                    try await top.lines(with: "> p999 ")
                    try await top.press("/", "p", "4", "9", "8", "Enter", "Home")
                    try await top.lines(with: "> p498 ")
                    try await top.press("q")
                    try await top.expectRestored()
                }
            }
        }
    }

    @Test func `a locale without UTF-8 gets an ASCII screen`() async throws {
        try await Self.withFive { node in
            try await withTop(node.url, locale: "C") { top in
                let lines = try await top.lines(with: "connect_refused  xx")
                #expect(lines.allSatisfy { $0.utf8.allSatisfy { $0 < 0x80 } })
            }
        }
    }
}
