import Foundation
import TestSupport
import Testing

/// A real node over TLS that accepts client certificates and tokens, and clients of every kind.
@Suite struct TrustMatrixTests {
    private static let tokens = ["first-token-of-file", "second-token-of-file"]
    /// Every path with its status for accepted clients, and some that do not exist.
    private static let guarded = [
        ("/", 200), ("/peers/nobody", 404), ("/federation/sync/summary", 200),
        ("//federation/sync/summary", 200), ("/federation/health", 200),
        ("/federation/wisdom", 200), ("/federation/events", 200), ("/federation/settings", 200),
        ("/federation/sd", 200), ("/metrics", 200), ("/nowhere", 404), ("/health/", 404),
        ("/ready/a", 404), ("/Health", 404),
    ]
    private static let open = ["/health", "/ready", "/health?a=b"]

    /// What a client presents, and what it gets.
    private struct Client {
        var name: String
        var pair: TestAuthority.Pair?
        var headers: [(name: String, value: String)] = []
        /// 0 if it is accepted.
        var status = 0
        var cause = ""
    }

    private static func bearer(_ token: String) -> (name: String, value: String) {
        ("Authorization", "Bearer \(token)")
    }

    /// `other` is not accepted.
    private static func clients(
        _ authority: TestAuthority,
        _ other: TestAuthority
    ) async throws -> [Client] {
        let names = "DNS:n1.nodes.example"
        let good = try await authority.sign("good", names: names)
        let rogue = try await other.sign("rogue", names: names)
        let expired = try await authority.sign("expired", names: names, validity: .past)
        let future = try await authority.sign("future", names: names, validity: .future)
        let wrong = try await authority.sign("wrong", names: "DNS:n1.example,DNS:a.b.nodes.example")
        let server = try await authority.sign("server", names: names, purposes: "serverAuth")
        let plain = try await authority.sign("plain", names: names, purposes: "")
        let address = try await authority.sign("address", names: "DNS:x,IP:127.0.0.9")
        let uri = try await authority.sign("uri", names: "URI:spiffe://nova/n1")
        let (untrusted, token) = ("untrusted_certificate", tokens[0])
        return [
            Client(name: "nothing", status: 401, cause: "no_credentials"),
            Client(name: "good certificate", pair: good),
            Client(name: "no key usage", pair: plain),
            Client(name: "accepted address", pair: address),
            Client(name: "accepted URI", pair: uri),
            Client(name: "another authority", pair: rogue, status: 403, cause: untrusted),
            Client(name: "expired", pair: expired, status: 403, cause: untrusted),
            Client(name: "not yet valid", pair: future, status: 403, cause: untrusted),
            Client(name: "for servers only", pair: server, status: 403, cause: untrusted),
            Client(name: "other names", pair: wrong, status: 403, cause: "name_not_allowed"),
            Client(name: "first token", headers: [bearer(token)]),
            Client(name: "second token", headers: [bearer(tokens[1])]),
            Client(
                name: "wrong token",
                headers: [bearer(token + "x")],
                status: 403,
                cause: "wrong_token"
            ),
            Client(
                name: "empty header",
                headers: [("Authorization", "")],
                status: 401,
                cause: "no_credentials"
            ),
            Client(
                name: "another scheme",
                headers: [("Authorization", "Basic \(token)")],
                status: 401,
                cause: "no_credentials"
            ),
            Client(
                name: "two headers",
                headers: [bearer(token), bearer(token)],
                status: 403,
                cause: "wrong_token"
            ),
            Client(name: "rogue and token", pair: rogue, headers: [bearer(token)]),
            Client(name: "good and wrong token", pair: good, headers: [bearer(token + "x")]),
            Client(
                name: "rogue and wrong token",
                pair: rogue,
                headers: [bearer(token + "x")],
                status: 403,
                cause: "wrong_token"
            ),
        ]
    }

    @Test func `every path but /health and /ready needs an accepted certificate or token`()
        async throws
    {
        let (authority, folder) = (try await TestAuthority(), try TemporaryDirectory())
        let own = try await authority.sign("node", names: "IP:127.0.0.1")
        let node = try await ServedNode(
            settings: [
                "NOVA_FED_TLS_CERT_FILE": own.certificate, "NOVA_FED_TLS_KEY_FILE": own.key,
                "NOVA_FED_CLIENT_CA_FILE": authority.certificate,
                "NOVA_FED_CLIENT_SANS": "*.nodes.example, 127.0.0.9, spiffe://nova/n1",
                "NOVA_FED_TOKEN_FILE": folder.write(
                    Self.tokens.joined(separator: "\n") + "\n",
                    to: "tokens"
                ),
            ]
        )
        defer { node.process.kill() }
        let other = try await TestAuthority()
        let clients = try await Self.clients(authority, other)
        let versions = ["1.2", "1.3"]
        let results = try await TLSProbe.run(
            clients.flatMap { client in
                versions.map { version in
                    TLSProbe.Session(
                        port: node.port,
                        version: version,
                        client.pair,
                        requests: (Self.guarded.map(\.0) + Self.open)
                            .map { TLSProbe.Request($0, headers: client.headers) }
                    )
                }
            }
        )
        var refused: [String: Int] = [:]
        for (index, result) in results.enumerated() {
            let client = clients[index / versions.count]
            let label = "\(client.name) over \(versions[index % versions.count])"
            #expect(result.error == "", "\(label)")
            let statuses = result.responses.map(\.status)
            try #require(statuses.count == Self.guarded.count + Self.open.count, "\(label)")
            #expect(statuses.suffix(Self.open.count) == [200, 200, 200], "\(label)")
            for ((path, status), response) in zip(Self.guarded, result.responses) {
                if client.status == 0 {
                    #expect(response.status == status, "\(label): \(path)")
                    continue
                }
                refused[client.cause, default: 0] += 1
                let word = client.status == 401 ? "unauthorized" : "forbidden"
                #expect(response.status == client.status, "\(label): \(path)")
                #expect(response.body.contains(#""error":"\#(word)""#), "\(label): \(path)")
                #expect((response.challenge == "Bearer") == (client.status == 401), "\(label)")
            }
        }
        try await expectRecords(of: refused, node: node)
    }

    /// Checks the counters and the log after the refusals.
    private func expectRecords(
        of refused: [String: Int],
        node: ServedNode
    ) async throws {
        let scrape = TLSProbe.Request("/metrics", headers: [Self.bearer(Self.tokens[0])])
        let page = try await TLSProbe.run([.init(port: node.port, requests: [scrape])])
        let text = try #require(page.first?.responses.first?.body)
        let counts = ServedNode.series("nova_federation_http_refused_total", in: text)
        for (cause, count) in refused {
            #expect(counts["{cause=\"\(cause)\"}"] == Double(count), "\(cause)")
        }
        let expiry = "nova_federation_certificate_expiry_timestamp_seconds"
        let expiries = ServedNode.series(expiry, in: text)
        #expect(
            Set(expiries.keys) == [#"{role="listener",peer=""}"#, #"{role="client_ca",peer=""}"#]
        )
        for (role, time) in expiries {
            let left = time - Date().timeIntervalSince1970
            #expect(left > 80_000 && left < 180_000, "\(role): \(left)")
        }
        let lines = node.logLines("request refused")
        #expect(!lines.isEmpty && lines.count < refused.values.reduce(0, +))
        for token in Self.tokens { #expect(!node.process.log.contains(token)) }
    }

    @Test func `TLS 1.1 and plain HTTP are refused, and with 1.3 as the minimum also TLS 1.2`()
        async throws
    {
        let authority = try await TestAuthority()
        let own = try await authority.sign("node", names: "IP:127.0.0.1")
        let request = TLSProbe.Request("/health")
        for (minimum, refused) in [("1.2", ["1.1"]), ("1.3", ["1.1", "1.2"])] {
            let node = try await ServedNode(
                settings: [
                    "NOVA_FED_TLS_CERT_FILE": own.certificate, "NOVA_FED_TLS_KEY_FILE": own.key,
                    "NOVA_FED_TLS_MIN_VERSION": minimum,
                ]
            )
            defer { node.process.kill() }
            let versions = refused + ["1.3"]
            let results = try await TLSProbe.run(
                versions.map { .init(port: node.port, version: $0, requests: [request]) }
            )
            #expect(results.map { $0.responses.count } == refused.map { _ in 0 } + [1])
            await #expect(throws: (any Error).self) { try await node.get("/health") }
        }
    }

    @Test func `a node that is not in its own list is a target with https`() async throws {
        let authority = try await TestAuthority()
        let own = try await authority.sign("node", names: "IP:127.0.0.1")
        let node = try await ServedNode(
            settings: [
                "NOVA_FED_TLS_CERT_FILE": own.certificate, "NOVA_FED_TLS_KEY_FILE": own.key,
            ]
        )
        defer { node.process.kill() }
        let session = TLSProbe.Session(port: node.port, requests: [.init("/federation/sd")])
        let targets = try await TLSProbe.run([session]).first?.responses.first?.body ?? ""
        #expect(targets.contains(#""instance":"localhost:443","__scheme__":"https""#), "\(targets)")
    }

    @Test func `a token works over plain HTTP too, with one warning`() async throws {
        let folder = try TemporaryDirectory()
        let file = try folder.write(Self.tokens[0], to: "tokens")
        let node = try await ServedNode(settings: ["NOVA_FED_TOKEN_FILE": file])
        defer { node.process.kill() }
        let headers = [Self.bearer(Self.tokens[0])]
        for _ in 0..<3 {
            #expect(try await node.probe.get("/metrics", headers: headers).status == 200)
        }
        #expect(try await node.get("/metrics").status == 401)
        #expect(try await node.get("/health").status == 200)
        #expect(await node.logLines("token over plain HTTP", count: 1).count == 1)
    }
}
