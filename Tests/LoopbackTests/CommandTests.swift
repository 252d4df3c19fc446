import Foundation
import TestSupport
import Testing

/// `pull`, `check`, `version` and the help, as an operator runs them.
@Suite struct CommandTests {
    private static func command(
        _ arguments: [String],
        environment: [String: String] = [:]
    ) async throws -> ProcessResult {
        try await run(try daemonExecutable(), arguments, environment: environment)
    }

    /// The rows of `pull --json`, by the name of the peer.
    private static func rows(
        _ urls: [String],
        environment: [String: String] = [:]
    ) async throws -> (rows: [String: [String: Any]], ending: ChildProcess.Ending) {
        let finished = try await command(["pull", "--json"] + urls, environment: environment)
        let object = try JSONSerialization.jsonObject(with: Data(finished.output.utf8))
        let list = try #require(object as? [[String: Any]])
        let rows = Dictionary(list.map { ($0["peer"] as? String ?? "", $0) }) { first, _ in first }
        #expect(rows.count == urls.count)
        return (rows, finished.ending)
    }

    @Test func `pull shows the result of each peer in the order of its arguments`() async throws {
        let good = try ScriptedPeer(.summary(nodeID: "node-good", gStar: 0.45))
        let bad = try ScriptedPeer(.answer(response(503, body: "no")))
        let silent = try ScriptedPeer(.silence)
        let finished = try await Self.command(
            ["pull", "paris=\(good.url)", bad.url, "silent=\(silent.url)"],
            environment: ["NOVA_FED_SYNC_TIMEOUT": "0.4"]
        )
        #expect(finished.ending == .exit(1))
        let lines = finished.output.split(separator: "\n").map(String.init)
        let columns = [
            "peer", "state", "reason", "node_id", "status", "dns", "connect", "tls", "first byte",
            "total ms", "age s", "G*",
        ]
        try #require(lines.count >= 4)
        // At least two blanks separate the columns.
        #expect(lines[0].split(separator: /\s{2,}/).map(String.init) == columns)
        let cells = lines.map { $0.split(separator: /\s{2,}/).map(String.init) }
        #expect(cells[1].prefix(5) == ["paris", "up", "-", "node-good", "200"])
        #expect(cells[1][7] == "-" && cells[1].last == "0.45")
        #expect(cells[1][9...10].allSatisfy { Double($0) != nil })
        #expect(cells[2][1] == "down" && cells[2][2].hasPrefix("http_status"))
        #expect(cells[2][4] == "503")
        #expect(cells[3].prefix(3) == ["silent", "down", "timed_out in first_byte"])
        let requests = good.requests + bad.requests + silent.requests
        #expect(requests.count == 3)
        #expect(requests.allSatisfy { $0.path == "/federation/sync/summary" })
    }

    @Test func `pull --json has every field of every peer, and null for unknown values`()
        async throws
    {
        let good = try ScriptedPeer(.summary(nodeID: "node-good", gStar: 0.45))
        let silent = try ScriptedPeer(.silence)
        let odd = try ScriptedPeer(.answer(response(body: #"{"node_id":1}"#)))
        let (rows, ending) = try await Self.rows(
            ["good=\(good.url)", "silent=\(silent.url)", "odd=\(odd.url)"],
            environment: ["NOVA_FED_SYNC_TIMEOUT": "0.5"]
        )
        #expect(ending == .exit(1))
        let fields = [
            "peer", "state", "reason", "phase", "detail", "identity", "node_id", "version",
            "status", "dns_ms", "connect_ms", "tls_ms", "first_byte_ms", "total_ms", "age_seconds",
            "g_star", "tls",
        ]
        for row in rows.values { #expect(Set(row.keys) == Set(fields)) }
        let first = try #require(rows["good"])
        #expect(first["state"] as? String == "up" && first["g_star"] as? Double == 0.45)
        #expect(first["reason"] is NSNull && first["tls_ms"] is NSNull)
        let total = try #require(first["total_ms"] as? Double)
        #expect(total > 0 && total < 500)
        let timedOut = try #require(rows["silent"])
        #expect(timedOut["reason"] as? String == "timed_out")
        #expect(timedOut["phase"] as? String == "first_byte" && timedOut["status"] is NSNull)
        // From the deadline to 50 ms after it.
        let waited = try #require(timedOut["total_ms"] as? Double)
        #expect(waited >= 499 && waited <= 550)
        let refused = try #require(rows["odd"])
        #expect(refused["reason"] as? String == "wrong_type")
        #expect(refused["status"] as? Int == 200 && refused["phase"] is NSNull)
        #expect((refused["detail"] as? String)?.contains("node_id") == true)
    }

    @Test func `pull exits with 0 if all peers are good`() async throws {
        let good = try ScriptedPeer(.summary(nodeID: "a"))
        let finished = try await Self.command(["pull", good.url, "b=\(good.url)/prefix"])
        #expect(finished.ending == .exit(0))
        #expect(finished.output.split(separator: "\n").count == 3)
        // Both answer with the same node id, and the first one holds it.
        let flagged = finished.output.split(separator: "\n").dropFirst()
            .map { $0.contains("up (duplicate)") }
        #expect(flagged == [false, true])
    }

    @Test func `pull distinguishes this node, a clone of it and another node`() async throws {
        let ours = try ScriptedPeer(.summary(nodeID: "ours", instance: "0000000a"))
        let copy = try ScriptedPeer(.summary(nodeID: "ours", instance: "0000000b"))
        let other = try ScriptedPeer(.summary(nodeID: "other", instance: "0000000a"))
        let urls = ["ours=\(ours.url)", "copy=\(copy.url)", "other=\(other.url)"]
        let named = try await Self.rows(urls, environment: ["NOVA_NODE_ID": "ours"]).rows
        #expect(named["ours"]?["state"] as? String == "self")
        #expect(named["copy"]?["state"] as? String == "clone")
        #expect(named["other"]?["state"] as? String == "up")
        // A real Nova shares the id and has no instance.
        let nova = try ScriptedPeer(.summary(nodeID: "ours"))
        let beside =
            try await Self.rows(
                ["nova=\(nova.url)", "ours=\(ours.url)"],
                environment: ["NOVA_NODE_ID": "ours"]
            )
            .rows
        #expect(beside["ours"]?["state"] as? String == "self")
        #expect(beside["nova"]?["state"] as? String == "clone")
        // Without an id of its own it knows only that two peers have the same id.
        let nameless = try await Self.rows(urls).rows
        #expect(nameless["ours"]?["identity"] as? String == "ok")
        #expect(nameless["copy"]?["identity"] as? String == "duplicate")
        #expect(nameless["other"]?["identity"] as? String == "ok")
    }

    @Test func `pull prints no control characters that a peer sent`() async throws {
        let escape = "\u{1B}[2J\u{9B}31m"
        let peers = try [
            ScriptedPeer(.summary(nodeID: "up\u{202E}down", version: "\u{200F}")),
            ScriptedPeer(.summary(nodeID: "\\u001b[2J")),
            ScriptedPeer(.answer(response(headers: ["Location: \(escape)"], body: escape))),
            ScriptedPeer(.answer(response(302, headers: ["Location: \(escape)"], body: escape))),
            ScriptedPeer(.answerThenClose(Array("HTTP/1.1 \(escape)\r\n\r\n".utf8))),
            ScriptedPeer(.answerThenClose(Array("\(escape)\r\n\(escape)".utf8))),
            ScriptedPeer(
                .answerThenClose(
                    Array("HTTP/1.1 200 \(escape)\r\nContent-Length: \(escape)\r\n\r\n".utf8)
                )
            ),
            ScriptedPeer(.answer(response(headers: ["Content-Encoding: \(escape)"], body: escape))),
        ]
        let finished = try await Self.command(["pull"] + peers.map(\.url))
        #expect(finished.ending == .exit(1))
        let printed = finished.output.unicodeScalars.filter { scalar in
            scalar != "\n" && [.control, .format].contains(scalar.properties.generalCategory)
        }
        #expect(printed.isEmpty, "\(finished.output)")
        #expect(finished.output.contains("up\u{FFFD}down"))
        #expect(finished.log == "")
    }

    static let invalid: [(arguments: [String], environment: [String: String], status: Int32)] = [
        (["pull"], [:], 64),
        (["pull", "ftp://a"], [:], 64),
        (["pull", "http://user@a"], [:], 64),
        (["pull", "--jsen", "http://a"], [:], 64),
        (["pull", "http://127.0.0.1:1"], ["NOVA_FED_SYNC_TIMEOUT": "soon"], 78),
        (["pull", "--config", "/nowhere/at.all", "http://127.0.0.1:1"], [:], 78),
        (["check"], ["NOVA_FED_SYNC_INTERVAL": "0"], 78),
        (["check", "now"], [:], 64),
        (["demo", "--seconds", "0"], [:], 64),
        (["demo", "--port", "65532"], [:], 64),
        (["demo", "--port", "x"], [:], 64),
        (["serve", "--port", "1"], [:], 64),
        (["dance"], [:], 64),
    ]

    @Test(arguments: invalid.indices)
    func `an invalid command prints a reason and exits with its code`(index: Int) async throws {
        let (arguments, environment, status) = Self.invalid[index]
        let finished = try await Self.command(arguments, environment: environment)
        #expect(finished.ending == .exit(status), "\(arguments)")
        #expect(finished.output == "" && !finished.log.isEmpty, "\(arguments)")
    }

    @Test func `check names masked keys and how many dead peers are tolerated`()
        async throws
    {
        let directory = try TemporaryDirectory()
        let file = try directory.write(
            """
            FEDERATION_ENABLED=1
            NOVA_FED_SYNC_ENABLED=1
            NOVA_FED_PEERS=http://10.0.0.1:8100,http://10.0.0.2:8100
            NOVA_FED_SYNC_INTERVAL=20

            """,
            to: "nova.env"
        )
        let finished = try await Self.command(
            ["check", "--config", file],
            environment: ["NOVA_FED_SYNC_INTERVAL": "5"]
        )
        #expect(finished.ending == .exit(0))
        let lines = finished.output.split(separator: "\n")
        #expect(lines.contains { $0.contains("NOVA_FED_SYNC_INTERVAL") && $0.contains("5") })
        let masked = lines.first { $0.contains("mask") || $0.contains("wins") }
        #expect(masked?.contains("NOVA_FED_SYNC_INTERVAL") == true, "\(finished.output)")
        #expect(lines.contains { $0.contains("dead peers") }, "\(finished.output)")
    }

    @Test func `check never asks for the passphrase of an encrypted certificate`() async throws {
        let scratch = try TemporaryDirectory()
        let file = try scratch.write(
            """
            -----BEGIN CERTIFICATE-----
            Proc-Type: 4,ENCRYPTED
            DEK-Info: AES-128-CBC,00112233445566778899AABBCCDDEEFF

            AAAAAAAAAAAAAAAAAAAAAA==
            -----END CERTIFICATE-----

            """,
            to: "ca.pem"
        )
        let terminal = try tool(named: "script", package: "bsdutils")
        let finished = try await run(
            terminal,
            ["-qec", "NOVA_FED_CA_FILE=\(file) \(daemonExecutable()) check", "/dev/null"]
        )
        #expect(finished.ending == .exit(78))
        #expect(finished.output.contains("NOVA_FED_CA_FILE"), "\(finished.output)")
        #expect(!finished.output.contains("pass phrase"), "\(finished.output)")
    }

    @Test func `version prints a version and nothing else`() async throws {
        let finished = try await Self.command(["version"])
        #expect(finished.ending == .exit(0))
        #expect(finished.output.wholeMatch(of: /nova-federation \d+\.\d+\.\d+\n/) != nil)
    }

    @Test func `the help and the manual page have an example of every command`() async throws {
        let description = try await Self.command(["--experimental-dump-help"]).output
        let object = try JSONSerialization.jsonObject(with: Data(description.utf8))
        let root = (object as? [String: Any])?["command"] as? [String: Any]
        let list = try #require(root?["subcommands"] as? [[String: Any]])
        let commands = list.compactMap { $0["commandName"] as? String }.filter { $0 != "help" }
        #expect(commands.count >= 10)
        let path = "\(packageRoot)/deploy/debian/nova-federation.8"
        let manual = try String(contentsOfFile: path, encoding: .utf8)
            .components(separatedBy: ".Sh EXAMPLES\n").dropFirst().first
        let examples = try #require(manual?.components(separatedBy: "\n.Sh ").first)
            .split(separator: "\n")
        for command in commands {
            let start = "nova-federation \(command)"
            let help = try await Self.command([command, "--help"])
            #expect(help.ending == .exit(0))
            let example = help.output.components(separatedBy: "\nEXAMPLE\n").dropFirst().first
            #expect(example?.contains(start) == true, "\(help.output)")
            #expect(examples.contains { $0.hasPrefix(".Dl \(start)") }, "\(command)")
        }
        let help = try await Self.command(["--help"]).output
        #expect(help.contains("\nEXAMPLE\n  nova-federation "))
    }
}
