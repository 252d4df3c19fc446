import ClientTLS
import CurlClient
import TestSupport
import Testing
import Timing

/// The certificate that a client presents, and the one that it receives.
@Suite struct ClientCertificateTests {
    private let authority: TestAuthority

    init() async throws {
        authority = try await TestAuthority()
    }

    /// A server that requires a certificate of `authority`.
    private func strictServer(_ version: String = "TLSv1_3") async throws -> TLSServer {
        try await TLSServer(
            authority.sign("strict", names: "IP:127.0.0.1"),
            version: version,
            clientAuthority: authority.certificate
        )
    }

    private func fetch(
        from server: TLSServer,
        presenting pair: TestAuthority.Pair?
    ) async throws -> FetchResult {
        let tls = try TLSOptions(trusting: authority.certificate, presenting: pair)
        let client = try CurlClient(limits: .small(tls: tls))
        return try await client.fetch(FetchRequest(key: 0, at: server.url))
    }

    @Test(arguments: ["TLSv1_2", "TLSv1_3"])
    func `a server that requires a client certificate gets it`(version: String) async throws {
        let server = try await strictServer(version)
        let own = try await authority.sign("own", names: "DNS:own")
        let result = try await fetch(from: server, presenting: own)
        #expect(result.words == "document 200, 2 bytes")
        let certificate = try #require(result.certificate)
        #expect(certificate.subject == "CN=strict")
        #expect(certificate.issuer == "CN=test")
        #expect(certificate.tlsVersion == version.replacing("_", with: "."))
        // It is valid for a day.
        let days = (try #require(certificate.expires) - SystemClock.wall) / 86_400
        #expect((0.9...1.1).contains(days))
    }

    @Test func `a missing client certificate is reported`() async throws {
        let server = try await strictServer()
        for _ in 1...5 {
            let result = try await fetch(from: server, presenting: nil)
            #expect(result.words == "certificateRequired in tls")
            // The server resets the connection right after its alert. If the reset arrives before
            // the request is sent, libcurl never reads the alert.
            let detail = try #require(result.failure?.detail)
            #expect(detail.hasPrefix("the server requires a client certificate: "))
        }
    }

    @Test func `a missing client certificate is only a possible cause over TLS 1.2`() async throws {
        let result = try await fetch(from: strictServer("TLSv1_2"), presenting: nil)
        #expect(result.words == "tlsFailed in tls")
        let detail = try #require(result.failure?.detail)
        #expect(detail.contains("alert handshake failure"))
        #expect(detail.hasSuffix("; the server may require a client certificate"))
    }

    @Test(arguments: ["TLSv1_2", "TLSv1_3"])
    func `a certificate that the server does not accept is reported with the reason`(
        version: String
    ) async throws {
        let server = try await strictServer(version)
        let others = try await TestAuthority(named: "other")
        let stranger = try await others.sign("stranger", names: "DNS:own")
        let expired = try await authority.sign("expired", names: "DNS:own", validity: .past)
        for (pair, alert) in [(stranger, "unknown ca"), (expired, "certificate expired")] {
            let result = try await fetch(from: server, presenting: pair)
            #expect(result.words == "certificateRefused in tls")
            let detail = try #require(result.failure?.detail)
            #expect(detail.hasPrefix("the server refused the client certificate: "))
            // A reset may arrive before the alert is read.
            #expect(version == "TLSv1_3" || detail.contains("alert \(alert)"), "\(detail)")
        }
    }

    @Test func `a kept connection has no certificate in its results`() async throws {
        let server = try await TLSServer(authority.sign("good", names: "IP:127.0.0.1"))
        let tls = try TLSOptions(trusting: authority.certificate)
        let client = try CurlClient(limits: .small(tls: tls))
        let first = try await client.fetch(FetchRequest(key: 0, at: server.url))
        let second = try await client.fetch(FetchRequest(key: 0, at: server.url))
        #expect(first.certificate?.subject == "CN=good")
        #expect(second.times.tls == 0)
        #expect(second.certificate == nil)
    }

    @Test func `a server must support the minimum version of TLS`() async throws {
        let identity = try await authority.sign("old", names: "IP:127.0.0.1")
        let server = try await TLSServer(identity, version: "TLSv1_2")
        for needsTLS13 in [false, true] {
            var tls = try TLSOptions(trusting: authority.certificate)
            tls.needsTLS13 = needsTLS13
            let client = try CurlClient(limits: .small(tls: tls))
            let result = try await client.fetch(FetchRequest(key: 0, at: server.url))
            #expect(result.words == (needsTLS13 ? "tlsFailed in tls" : "document 200, 2 bytes"))
        }
    }

    @Test func `a token is sent over https, never over http, and changes without a handshake`()
        async throws
    {
        let server = try await TLSServer(authority.sign("good", names: "IP:127.0.0.1"))
        let peer = try ScriptedPeer(.answer(response(body: "1")))
        defer { peer.stop() }
        var tls = try TLSOptions(trusting: authority.certificate)
        tls.token = "first-token-of-a-test"
        let client = try CurlClient(limits: .small(tls: tls))
        // In turns, because both use the same easy handle.
        for token in ["first-token-of-a-test", "second"] {
            tls.token = token
            await client.setLimits(.small(tls: tls))
            for _ in 1...2 {
                let secure = try await client.fetch(FetchRequest(key: 0, at: server.url))
                guard case .document(let body, _) = secure.outcome else {
                    Issue.record("\(secure.words)")
                    continue
                }
                #expect(String(decoding: body, as: UTF8.self) == "Bearer \(token)")
                #expect((secure.times.tls == 0) == !peer.requests.isEmpty)
                let plain = try await client.fetch(FetchRequest(1, of: peer))
                #expect(plain.words == "document 200, 1 bytes")
            }
        }
        #expect(peer.requests.count == 4)
        #expect(peer.requests.allSatisfy { $0.header("authorization") == nil })
    }
}

/// A certificate and a key that cannot be used are refused before a connection needs them.
@Suite struct OwnCertificateTests {
    @Test func `a pair must be readable, belong together and be strong enough`() async throws {
        let authority = try await TestAuthority()
        let first = try await authority.sign("first", names: "DNS:a")
        let second = try await authority.sign("second", names: "DNS:a")
        let weak = try await authority.sign(
            "weak",
            names: "DNS:a",
            key: ["-newkey", "rsa:1024", "-nodes"]
        )
        let locked = try await authority.sign(
            "locked",
            names: "DNS:a",
            key: ["-newkey", "rsa:2048", "-passout", "pass:secret"]
        )
        let chain = try contents(of: first.certificate)
        let key = try contents(of: first.key)
        _ = try OwnCertificate(chain: chain, key: key)
        // The authority may follow, and one file may contain both.
        let root = try contents(of: authority.certificate)
        _ = try OwnCertificate(chain: chain + root + key, key: chain + key)
        let cases: [(cause: String?, chain: [UInt8], key: [UInt8])] = try [
            ("private key mismatch", chain, contents(of: second.key)),
            ("private key mismatch", root + chain, key),
            (nil, chain, chain),
            ("no certificate", key, key),
            ("no certificate", [], []),
            ("ee key too small", contents(of: weak.certificate), contents(of: weak.key)),
            (nil, contents(of: locked.certificate), contents(of: locked.key)),
        ]
        for (cause, chain, key) in cases {
            let refusal = #expect(throws: OpenSSLRefusal.self) {
                try OwnCertificate(chain: chain, key: key)
            }
            if let cause { #expect(refusal?.cause == cause) }
        }
    }
}
