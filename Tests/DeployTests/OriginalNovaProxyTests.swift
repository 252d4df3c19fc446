import Foundation
import TestSupport
import Testing

/// nginx beside an original Nova node, with the lines of docs/tls.md.
@Suite struct OriginalNovaProxyTests {
    /// How the proxy identifies itself to the node that it pulls.
    enum Credential: CaseIterable {
        case certificate, token
    }

    private static let token = "token-of-the-nova-node"

    /// The configurations in the page.
    private static func blocks() throws -> [String] {
        try String(contentsOfFile: "\(packageRoot)/docs/tls.md", encoding: .utf8)
            .matches(of: /```nginx\n((?s).+?)```/).map { String($0.output.1) }
    }

    /// The configuration of the page with this credential.
    private static func configuration(_ credential: Credential) throws -> String {
        let blocks = try blocks()
        try #require(blocks.count == 2)
        guard credential == .token else { return blocks[0] }
        let pair = blocks[0].split(separator: "\n").filter { $0.contains("proxy_ssl_certificate") }
        return try edited(
            text: blocks[0],
            [
                (
                    pair.joined(separator: "\n") + "\n",
                    blocks[1].replacing("TOKEN", with: Self.token)
                )
            ]
        )
    }

    @Test(arguments: Credential.allCases)
    func `a proxy gives a Nova node the credentials that it lacks, and requires those of nodes`(
        credential: Credential
    ) async throws {
        let (authority, folder) = (try await TestAuthority(), try TemporaryDirectory())
        let own = try await authority.sign("n1", names: "DNS:n1.nodes.example,IP:127.0.0.11")
        let proxy = try await authority.sign("n4", names: "DNS:n4.nodes.example,IP:127.0.0.14")
        let node = try RunningNode.place(on: "127.0.0.11")
        let nova = try RunningNode.place(on: "127.0.0.1")
        let (inward, outward) = (
            try RunningNode.place(on: "127.0.0.14"), try RunningNode.place(on: "127.0.0.1")
        )
        let page = try Self.configuration(credential)
        let places = [
            "10.0.0.11:8100": node, "10.0.0.14:8443": inward, "127.0.0.1:8111": outward,
            "127.0.0.1:8000": nova, "/etc/nginx/nova-ca.pem": authority.certificate,
            "/etc/nginx/n4.pem": proxy.certificate, "/etc/nginx/n4.key": proxy.key,
        ]
        let used = places.reduce(page) { $0.replacing($1.key, with: $1.value) }
        let nginx = try ChildProcess(
            tool(named: "nginx", package: "nginx-light"),
            [
                "-e", "stderr", "-c",
                folder.write(
                    nginxSettings(folder.write(used, to: "site.conf"), folder),
                    to: "nginx.conf"
                ),
            ]
        )
        defer { end(nginx) }
        // A node without TLS that pulls n1 through the proxy takes the part of the Nova node.
        let plain = try RunningNode(at: nova, peers: ["n1=http://\(outward)"])
        let secure = try RunningNode(
            at: node,
            peers: ["n4=https://\(inward)"],
            [
                "NOVA_FED_CA_FILE": authority.certificate,
                "NOVA_FED_TLS_CERT_FILE": own.certificate, "NOVA_FED_TLS_KEY_FILE": own.key,
                "NOVA_FED_CLIENT_CA_FILE": authority.certificate,
                "NOVA_FED_TOKEN_FILE": folder.write(Self.token, to: "tokens"),
            ]
        )
        let client = TLSProbe.Session(
            host: "127.0.0.11",
            port: try #require(node.split(separator: ":").last.flatMap { Int($0) }),
            own,
            requests: [TLSProbe.Request("/metrics")]
        )
        try await eventually("n1 pulls the Nova node", within: .seconds(20)) {
            let page = try await TLSProbe.run([client]).first?.responses.first?.body
            return page?.contains("nova_federation_peer_up{peer=\"n4\"} 1") == true
        }
        let probe = HTTPProbe(
            port: try #require(nova.split(separator: ":").last.flatMap { Int($0) })
        )
        try await eventually("the Nova node pulls n1", within: .seconds(20)) {
            try await probe.get("/metrics").text.contains("nova_federation_peer_up{peer=\"n1\"} 1")
        }
        let stranger = TLSProbe.Session(
            host: "127.0.0.14",
            port: try #require(inward.split(separator: ":").last.flatMap { Int($0) }),
            requests: [TLSProbe.Request("/federation/sync/summary")]
        )
        let refused = try await TLSProbe.run([stranger])
        #expect(refused.first?.responses.map(\.status) == [400], "\(refused)")
        #expect(plain.process.poll() == nil && secure.process.poll() == nil)
    }
}
