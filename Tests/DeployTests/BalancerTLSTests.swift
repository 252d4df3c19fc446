import Foundation
import TestSupport
import Testing

/// HAProxy and nginx in front of nodes with TLS, with the lines of docs/balancing.md.
@Suite struct BalancerTLSTests {
    /// The lines of an indented block of the page that begins with `start`.
    private static func lines(from start: String) throws -> [String] {
        let page = try String(contentsOfFile: "\(packageRoot)/docs/balancing.md", encoding: .utf8)
        let all = page.components(separatedBy: "\n")
        let first = try #require(all.firstIndex { $0.hasPrefix("    " + start) })
        return all[first...].prefix { $0.hasPrefix("    ") }.map { String($0.dropFirst(4)) }
    }

    /// The edits that make a shipped configuration use TLS.
    static func edits(
        _ kind: Balancer.Kind,
        _ nodes: [BalancedNode],
        ca: String,
        _ client: TestAuthority.Pair?,
        in folder: TemporaryDirectory
    ) throws -> [Edit] {
        switch kind {
        case .haproxy:
            let line = try #require(try lines(from: "default-server check").first)
            let shipped = try #require(line.components(separatedBy: " ssl ").first)
            var used = line.replacing("/etc/haproxy/nova-ca.pem", with: ca)
            if let client {
                let both = try [client.certificate, client.key]
                    .map { try String(contentsOfFile: $0, encoding: .utf8) }.joined()
                used += " crt " + (try folder.write(both, to: "balancer.pem"))
            }
            return [(shipped, used)]
                + nodes.map { node in
                    let server = "server \(node.name) \(node.authority)"
                    return (server, "\(server) verifyhost \(node.name).nodes.example")
                }
        case .nginx:
            var added = try lines(from: "proxy_ssl_trusted_certificate")
            if client == nil { added.removeLast(2) }
            let text = added.joined(separator: "\n").replacing("/etc/nginx/nova-ca.pem", with: ca)
                .replacing("/etc/nginx/nova-balancer.pem", with: client?.certificate ?? "")
                .replacing("/etc/nginx/nova-balancer.key", with: client?.key ?? "")
            let summary = "location ~ ^/(ready|federation/sync/summary)$ {\n        proxy_pass "
            let wisdom = "location = /federation/wisdom {\n        proxy_pass "
            return [
                ("access_log off;", "access_log off;\n\(text)"),
                (summary + "http:", summary + "https:"), (wisdom + "http:", wisdom + "https:"),
            ]
        }
    }

    @Test func `HAProxy checks nodes over TLS, and sends nothing to one with another name`()
        async throws
    {
        let (authority, folder) = (try await TestAuthority(), try TemporaryDirectory())
        let names = "DNS:n1.nodes.example,DNS:n2.nodes.example"
        let own = try await authority.sign("nodes", names: names)
        let settings = [
            "NOVA_FED_TLS_CERT_FILE": own.certificate, "NOVA_FED_TLS_KEY_FILE": own.key,
            "NOVA_FED_CLIENT_CA_FILE": authority.certificate, "NOVA_FED_SYNC_ENABLED": "0",
        ]
        try await withNodes(settings) { nodes in
            let edits = try Self.edits(.haproxy, nodes, ca: authority.certificate, nil, in: folder)
            try await withBalancer(.haproxy, over: nodes, edits) { balancer in
                try await balancer.waitUntil("n3", is: "DOWN", within: .seconds(20))
                #expect(try await balancer.statistics(of: "n3")["check_status"] == "L6RSP")
                for node in ["n1", "n2"] {
                    let statistics = try await balancer.statistics(of: node)
                    #expect(statistics["check_status"] == "L7OK", "\(node)")
                    #expect(statistics["status"] == "UP", "\(node)")
                }
            }
        }
    }

    @Test(arguments: Balancer.Kind.allCases, [true, false])
    func `a load balancer reaches nodes over TLS, with its certificate or a client's token`(
        kind: Balancer.Kind,
        hasCertificate: Bool
    ) async throws {
        let (authority, folder) = (try await TestAuthority(), try TemporaryDirectory())
        let names = (1...3).map { "DNS:n\($0).nodes.example" }.joined(separator: ",")
        let own = try await authority.sign("nodes", names: "DNS:nodes.example,\(names)")
        let client = try await authority.sign("balancer", names: "DNS:b", purposes: "clientAuth")
        let token = "token-of-the-client"
        let settings = [
            "NOVA_FED_TLS_CERT_FILE": own.certificate, "NOVA_FED_TLS_KEY_FILE": own.key,
            "NOVA_FED_CLIENT_CA_FILE": authority.certificate,
            "NOVA_FED_TOKEN_FILE": try folder.write(token, to: "tokens"),
            "NOVA_FED_SYNC_ENABLED": "0",
        ]
        try await withNodes(settings) { nodes in
            let edits = try Self.edits(
                kind,
                nodes,
                ca: authority.certificate,
                hasCertificate ? client : nil,
                in: folder
            )
            try await withBalancer(kind, over: nodes, edits) { balancer in
                let plain = try await balancer.probe.get("/federation/wisdom")
                #expect(plain.status == (hasCertificate ? 200 : 401))
                let bearer = [(name: "Authorization", value: "Bearer \(token)")]
                let allowed = try await balancer.probe.get("/federation/wisdom", headers: bearer)
                #expect(allowed.status == 200)
            }
        }
    }
}
