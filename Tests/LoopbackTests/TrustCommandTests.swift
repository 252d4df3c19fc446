import TestSupport
import Testing

/// The commands that ask a node, against a node with TLS.
@Suite struct TrustCommandTests {
    private static func nova(
        _ arguments: [String],
        _ environment: [String: String]
    ) async throws -> ProcessResult {
        try await run(daemonExecutable(), arguments, environment: environment)
    }

    @Test func `commands use https by the settings, and verify the certificate`() async throws {
        let authority = try await TestAuthority()
        let own = try await authority.sign("node", names: "IP:127.0.0.1,DNS:n1.nodes.example")
        let tls = ["NOVA_FED_TLS_CERT_FILE": own.certificate, "NOVA_FED_TLS_KEY_FILE": own.key]
        let node = try await ServedNode(settings: tls)
        defer { node.process.kill() }
        let bind = ["FEDERATION_BIND": "0.0.0.0:\(node.port)"]
        let trusting = ["NOVA_FED_CA_FILE": authority.certificate]

        let all = tls.merging(bind) { $1 }.merging(trusting) { $1 }
        let status = try await Self.nova(["status"], all)
        #expect(status.output.contains("https://127.0.0.1:\(node.port)"), "\(status.log)")
        let distrusting = try await Self.nova(["status"], tls.merging(bind) { $1 })
        #expect(distrusting.ending == .exit(69))
        let plain = ["status", "--url", "http://127.0.0.1:\(node.port)"]
        #expect(try await Self.nova(plain, trusting).ending == .exit(69))
        // The certificate does not have this name.
        let named = ["status", "--url", "https://localhost:\(node.port)"]
        #expect(try await Self.nova(named, trusting).ending == .exit(69))
    }

    @Test func `a command without credentials exits with 77 if the node requires them`()
        async throws
    {
        let authority = try await TestAuthority()
        let own = try await authority.sign("node", names: "IP:127.0.0.1")
        let node = try await ServedNode(
            settings: [
                "NOVA_FED_TLS_CERT_FILE": own.certificate, "NOVA_FED_TLS_KEY_FILE": own.key,
                "NOVA_FED_CLIENT_CA_FILE": authority.certificate,
            ]
        )
        defer { node.process.kill() }
        let finished = try await Self.nova(
            ["status", "--url", "https://127.0.0.1:\(node.port)"],
            ["NOVA_FED_CA_FILE": authority.certificate]
        )
        #expect(finished.ending == .exit(77))
        #expect(finished.log.contains("refused the request with status 401"))
    }
}
