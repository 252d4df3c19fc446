import Foundation
import TestSupport
import Testing

/// An original Nova node as a client of nodes with TLS: the HTTP library that Nova uses, with its
/// defaults.
@Suite struct OriginalNovaTests {
    private static let program = """
        import sys
        try:
            import httpx
        except ImportError:
            sys.exit("httpx is missing, of Debian's package python3-httpx")
        with httpx.Client(timeout=10) as client:
            for url in sys.argv[1:]:
                try:
                    print(client.get(url + "/federation/sync/summary").status_code)
                except httpx.HTTPError as error:
                    print(type(error).__name__)
        """

    /// The status of a pull of each node, or the error of the library.
    private static func pull(
        _ urls: [String],
        _ environment: [String: String] = [:]
    ) async throws -> [String] {
        let python = try tool(named: "python3", package: "python3-httpx")
        let finished = try await run(python, ["-c", program] + urls, environment: environment)
        guard finished.ending == .exit(0) else { throw TestError(finished.log) }
        return finished.output.split(separator: "\n").map(String.init)
    }

    @Test func `Nova's client pulls over TLS if it trusts the authority, and has no credentials`()
        async throws
    {
        let (authority, folder) = (try await TestAuthority(), try TemporaryDirectory())
        let own = try await authority.sign("node", names: "IP:127.0.0.1")
        let tls = ["NOVA_FED_TLS_CERT_FILE": own.certificate, "NOVA_FED_TLS_KEY_FILE": own.key]
        let certificates = ["NOVA_FED_CLIENT_CA_FILE": authority.certificate]
        let token = "token-of-the-federation"
        let tokens = ["NOVA_FED_TOKEN_FILE": try folder.write(token, to: "tokens")]
        var nodes: [ServedNode] = []
        defer { for node in nodes { node.process.kill() } }
        for settings in [[:], tls, tls.merging(certificates) { $1 }, tls.merging(tokens) { $1 }] {
            nodes.append(try await ServedNode(settings: settings))
        }
        let urls = ["\(nodes[0].url)"] + nodes[1...].map { "https://127.0.0.1:\($0.port)" }
        let basic = "https://nova:\(token)@127.0.0.1:\(nodes[3].port)"
        #expect(
            try await Self.pull(urls + [basic], ["SSL_CERT_FILE": authority.certificate])
                == ["200", "200", "401", "401", "401"]
        )
        // It trusts only the authorities of its own bundle.
        #expect(try await Self.pull(Array(urls.prefix(2))) == ["200", "ConnectError"])
    }
}
