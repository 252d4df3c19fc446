import Foundation
import TestSupport
import Testing

/// The commands that query a node, against nodes with TLS.
@Suite struct TrustCommandTests {
    private let folder: TemporaryDirectory
    private let authority: TestAuthority
    /// The certificate of all nodes.
    private let own: TestAuthority.Pair

    init() async throws {
        folder = try TemporaryDirectory()
        authority = try await TestAuthority()
        own = try await authority.sign("node", names: "IP:127.0.0.1,DNS:n1.nodes.example")
    }

    private static func nova(
        _ arguments: [String],
        _ environment: [String: String] = [:]
    ) async throws -> ProcessResult {
        try await run(daemonExecutable(), arguments, environment: environment)
    }

    private static func identity(_ pair: TestAuthority.Pair) -> [String: String] {
        ["NOVA_FED_TLS_CERT_FILE": pair.certificate, "NOVA_FED_TLS_KEY_FILE": pair.key]
    }

    private var trusting: [String: String] { ["NOVA_FED_CA_FILE": authority.certificate] }

    /// Starts three nodes that list each other; returns them and their settings files.
    private func startThree(
        _ clients: [String: String]
    ) async throws -> (nodes: [ChildProcess], files: [String]) {
        let first = try freePorts(inARow: 3)
        let urls = (0..<3).map { "n\($0 + 1)=https://127.0.0.1:\(first + $0)" }
        let files = try (0..<3)
            .map { index in
                let settings = ServedNode.environment(peers: urls, port: first + index)
                    .merging(Self.identity(own)) { $1 }.merging(trusting) { $1 }
                    .merging(clients) { $1 }.merging(["NOVA_FED_SYNC_INTERVAL": "1"]) { $1 }
                let lines = settings.map { "\($0)=\($1)" }.joined(separator: "\n")
                return try folder.write(lines + "\n", to: "n\(index).env")
            }
        let nodes = try files.map {
            try ChildProcess(daemonExecutable(), ["serve", "--config", $0])
        }
        for node in nodes { _ = try await ServedNode.port(of: node) }
        for file in files {
            let waiting = try await Self.nova(["wait", "--ready", "--live", "2", "--config", file])
            #expect(waiting.ending == .exit(0), "\(waiting.log)")
        }
        return (nodes, files)
    }

    @Test(arguments: ["certificates", "tokens"])
    func `every command works with the settings file of the node, and prints no secret`(
        accepted: String
    ) async throws {
        let token = "token-of-these-nodes-zz"
        let file = try folder.write("\(token)\n", to: "tokens")
        let (nodes, files) = try await startThree(
            accepted == "tokens"
                ? ["NOVA_FED_TOKEN_FILE": file, "NOVA_FED_PEER_TOKEN_FILE": file]
                : ["NOVA_FED_CLIENT_CA_FILE": authority.certificate]
        )
        defer { for node in nodes { node.kill() } }
        let config = ["--config", files[0]]
        var texts: [String] = []
        func expect(_ command: [String], _ part: String) async throws {
            let finished = try await Self.nova(command + config)
            let text = finished.output + finished.log
            #expect(finished.ending == .exit(0) && text.contains(part), "\(command): \(text)")
            texts.append(text)
        }
        await eventually("the survey has no verdict", within: .seconds(20)) {
            (try? await Self.nova(["status", "--all"] + config))?.ending == .exit(0)
        }
        try await expect(["status", "--all"], "3 of 3 nodes responded")
        try await expect(["status"], " at https://127.0.0.1:")
        try await expect(["status", "--json"], #""ready":true"#)
        try await expect(["events"], "the node started")
        try await expect(["why", "n2"], "n2 is up")
        try await expect(["check", "--against"], "no difference")
        try await expect(["check"], "NOVA_FED_TLS_KEY_FILE")
        let bundle = folder.file("bundle.json")
        try await expect(["bundle", bundle], bundle)
        let bundled = try String(contentsOfFile: bundle, encoding: .utf8)
        #expect(!bundled.contains(#"{"error":""#), "\(bundled)")
        texts.append(bundled)
        for (command, part) in [
            (["events", "--follow"], "the node started"), (["top"], "2 live of 3"),
        ] {
            let process = try ChildProcess(daemonExecutable(), command + config)
            defer { process.kill() }
            await eventually("\(command) prints") { process.output.contains(part) }
            texts.append(process.output + process.log)
        }
        let key = try String(contentsOfFile: own.key, encoding: .utf8)
        let lines = key.split(separator: "\n").filter { !$0.hasPrefix("-") }.map(String.init)
        for secret in [token] + lines {
            for text in texts + nodes.map(\.log) { #expect(!text.contains(secret), "\(text)") }
        }
    }

    @Test func `a command without accepted credentials exits with 77 and names the settings`()
        async throws
    {
        let tokens = try folder.write("an-accepted-token-1\n", to: "tokens")
        let wrong = try folder.write("another-token-zz\n", to: "wrong")
        let clients = [
            "NOVA_FED_CLIENT_CA_FILE": authority.certificate, "NOVA_FED_TOKEN_FILE": tokens,
        ]
        let node = try await ServedNode(settings: Self.identity(own).merging(clients) { $1 })
        defer { node.process.kill() }
        let url = "https://127.0.0.1:\(node.port)"
        let missing =
            "status 401: it requires a client certificate or a token; set "
            + "NOVA_FED_TLS_CERT_FILE and NOVA_FED_TLS_KEY_FILE, or NOVA_FED_PEER_TOKEN_FILE"
        for query in ExitCodeTests.queries where query != ["wait", "--ready"] {
            let results = try await ExitCodeTests.codes(query, of: url, settings: trusting)
            ExitCodeTests.expect(77, missing, results)
        }
        // /ready is open to all.
        let ready = ["wait", "--ready", "--url", url]
        #expect(try await Self.nova(ready, trusting).ending == .exit(0))
        let other = try await TestAuthority(named: "other")
        let rogue = try await other.sign("rogue", names: "DNS:n1")
        let refused =
            "status 403: it does not accept the client certificate or the token of this "
            + "command; check NOVA_FED_TLS_CERT_FILE and NOVA_FED_PEER_TOKEN_FILE"
        for credentials in [Self.identity(rogue), ["NOVA_FED_PEER_TOKEN_FILE": wrong]] {
            let settings = trusting.merging(credentials) { $1 }
            let results = try await ExitCodeTests.codes(["status"], of: url, settings: settings)
            ExitCodeTests.expect(77, refused, results)
            #expect(results.allSatisfy { !$0.log.contains("another-token-zz") })
        }
    }

    @Test
    func `no command can query a node that requires a token over plain HTTP, as the error shows`()
        async throws
    {
        let tokens = try folder.write("an-accepted-token-1\n", to: "tokens")
        let node = try await ServedNode(settings: ["NOVA_FED_TOKEN_FILE": tokens])
        defer { node.process.kill() }
        let results = try await ExitCodeTests.codes(
            ["status"],
            of: node.url,
            settings: ["NOVA_FED_PEER_TOKEN_FILE": tokens]
        )
        let reason = "commands send a certificate or a token only to https URLs"
        ExitCodeTests.expect(77, reason, results)
    }

    @Test func `if TLS fails, a command exits with 69, and its error names the remedy`()
        async throws
    {
        let node = try await ServedNode(settings: Self.identity(own))
        defer { node.process.kill() }
        let plain = try await ServedNode(peers: [])
        defer { plain.process.kill() }
        let expired = try await TLSServer(
            authority.sign("expired", names: "IP:127.0.0.1", validity: .past)
        )
        let other = try await TestAuthority(named: "other")
        let url = "https://127.0.0.1:\(node.port)"
        let untrusted = "no trusted authority signed the certificate of the server: "
        let cases: [(url: String, authority: String?, parts: [String])] = [
            (url, other.certificate, [untrusted, "; check NOVA_FED_CA_FILE"]),
            (url, nil, [untrusted, "; check NOVA_FED_CA_FILE"]),
            (
                expired.url, authority.certificate,
                ["has expired; renew the certificate, or correct the clock of this machine"]
            ),
            (
                "https://localhost:\(node.port)", authority.certificate,
                ["'localhost'; the URL must have a name or an address of the certificate"]
            ),
            (
                "http://127.0.0.1:\(node.port)", nil,
                ["if the server uses TLS, its URL must begin with https://"]
            ),
            (
                "https://127.0.0.1:\(plain.port)", nil,
                ["if the server uses plain HTTP, its URL must begin with http://"]
            ),
        ]
        for (url, authority, parts) in cases {
            let settings = authority.map { ["NOVA_FED_CA_FILE": $0] } ?? [:]
            for query in ExitCodeTests.queries.prefix(7) {
                let results = try await ExitCodeTests.codes(query, of: url, settings: settings)
                for part in parts { ExitCodeTests.expect(69, part, results) }
            }
            let pull = try await Self.nova(["pull", url], settings)
            #expect(pull.ending == .exit(1))
            for part in parts { #expect(pull.output.contains(part), "\(pull.output)") }
        }
    }
}
