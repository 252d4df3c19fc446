import Foundation
import TestSupport
import Testing

/// The `pull` command and the local source over TLS, with a real nginx.
@Suite struct SecurePullTests {
    private let folder: TemporaryDirectory
    private let authority: TestAuthority
    private let settings: [String: String]

    init() async throws {
        folder = try TemporaryDirectory()
        authority = try await TestAuthority(named: "authority")
        let own = try await authority.sign("own", names: "IP:127.0.0.1")
        settings = [
            "NOVA_FED_CA_FILE": authority.certificate,
            "NOVA_FED_TLS_CERT_FILE": own.certificate,
            "NOVA_FED_TLS_KEY_FILE": own.key,
            "NOVA_FED_PEER_TOKEN_FILE": try folder.write(
                "the-token-of-a-test\na-token-that-is-not-sent\n",
                to: "token"
            ),
        ]
    }

    private func pull(
        _ peers: TLSPeers,
        _ options: [String] = [],
        without keys: Set<String> = []
    ) async throws -> ProcessResult {
        try await run(
            daemonExecutable(),
            ["pull"] + options + peers.urls,
            environment: settings.filter { !keys.contains($0.key) }
        )
    }

    @Test func `pull presents certificate and token, and shows the certificate of the peer`()
        async throws
    {
        let peers = try await TLSPeers(
            count: 1,
            authority: authority,
            clientAuthorities: authority.certificate
        )
        let json = try await pull(peers, ["--json"])
        #expect(json.ending == .exit(0), "\(json.output)")
        let rows = try JSONSerialization.jsonObject(with: Data(json.output.utf8))
        let row = try #require((rows as? [[String: Any]])?.first)
        let tls = try #require(row["tls"] as? [String: Any])
        #expect(Set(tls.keys) == ["version", "subject", "issuer", "expires"])
        #expect(tls["version"] as? String == "TLSv1.3")
        #expect(tls["subject"] as? String == "CN=peers")
        #expect(tls["issuer"] as? String == "CN=authority")
        let days = (try #require(tls["expires"] as? Double) - Date().timeIntervalSince1970) / 86_400
        #expect((0.9...1.1).contains(days))
        #expect(try peers.haveSeen("CN=own", "the-token-of-a-test"))
        let text = try await pull(peers).output
        let line = try #require(text.split(separator: "\n").last)
        let certificate = "certificate CN=peers, issued by CN=authority, expires 20"
        #expect(line.contains(": TLSv1.3, \(certificate)"))
        #expect(line.hasSuffix("Z"))
    }

    @Test func `nginx's answer to a missing client certificate is explained`() async throws {
        let peers = try await TLSPeers(
            count: 1,
            authority: authority,
            clientAuthorities: authority.certificate
        )
        let keys: Set = ["NOVA_FED_TLS_CERT_FILE", "NOVA_FED_TLS_KEY_FILE"]
        let text = try await pull(peers, without: keys)
        #expect(text.ending == .exit(1))
        let detail = "the server asked for a client certificate, and this client has none"
        #expect(text.output.contains("http_status in body"), "\(text.output)")
        #expect(text.output.contains(detail), "\(text.output)")
    }

    @Test(arguments: ["TLSv1_2", "TLSv1_3"], [true, false])
    func `a peer that requires a client certificate of another authority is tls_failed`(
        version: String,
        hasCertificate: Bool
    ) async throws {
        let other = try await TestAuthority(named: "other")
        let own = try await authority.sign("peer", names: "IP:127.0.0.1")
        let peer = try await TLSServer(own, version: version, clientAuthority: other.certificate)
        let keys: Set = ["NOVA_FED_TLS_CERT_FILE", "NOVA_FED_TLS_KEY_FILE"]
        let finished = try await run(
            daemonExecutable(),
            ["pull", peer.url],
            environment: settings.filter { hasCertificate || !keys.contains($0.key) }
        )
        #expect(finished.ending == .exit(1))
        #expect(finished.output.contains("tls_failed in tls"), "\(finished.output)")
        let cause =
            switch (hasCertificate, version) {
            case (true, _): "the server refused the client certificate"
            // A server with TLS 1.2 sends an alert that has other causes too.
            case (false, "TLSv1_2"): "the server may require a client certificate"
            case (false, _): "the server requires a client certificate"
            }
        #expect(finished.output.contains(cause), "\(finished.output)")
    }

    @Test func `a local source over https gets the token`() async throws {
        let peers = try await TLSPeers(count: 1, authority: authority)
        var settings = settings
        settings["NOVA_FED_TLS_CERT_FILE"] = nil
        settings["NOVA_FED_TLS_KEY_FILE"] = nil
        settings["NOVA_FED_LOCAL_SOURCE"] = peers.urls[0]
        settings["NOVA_WISDOM_POLL_INTERVAL"] = "1"
        try await withNode(settings) { node in
            try await eventually("the source is read with the token", within: .seconds(20)) {
                try peers.haveSeen("-", "the-token-of-a-test")
            }
            // A changed token is sent at the next read, without a handshake.
            try folder.overwrite("token", with: "another-token-of-a-test\n")
            node.process.send(SIGHUP)
            try await eventually("the new token is sent", within: .seconds(20)) {
                try peers.haveSeen("-", "another-token-of-a-test")
            }
            #expect(try Set(peers.requests.map(\.connection)).count == 1)
        }
    }
}
