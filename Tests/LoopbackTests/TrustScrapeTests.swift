import Foundation
import TestSupport
import Testing

/// A real Prometheus that scrapes a node over TLS.
@Suite struct TrustScrapeTests {
    private static func job(_ name: String, _ lines: [String], of port: Int) -> String {
        """
          - job_name: \(name)
            scheme: https
            static_configs: [{targets: ['127.0.0.1:\(port)']}]

        """ + lines.map { "    \($0)\n" }.joined()
    }

    @Test func `Prometheus scrapes only with a client certificate or a token`()
        async throws
    {
        let (authority, folder) = (try await TestAuthority(), try TemporaryDirectory())
        let own = try await authority.sign("node", names: "IP:127.0.0.1")
        let client = try await authority.sign("prometheus", names: "DNS:p", purposes: "clientAuth")
        let token = try folder.write("prometheus-token-1\n", to: "token")
        let node = try await ServedNode(
            settings: [
                "NOVA_FED_TLS_CERT_FILE": own.certificate, "NOVA_FED_TLS_KEY_FILE": own.key,
                "NOVA_FED_CLIENT_CA_FILE": authority.certificate, "NOVA_FED_TOKEN_FILE": token,
            ]
        )
        defer { node.process.kill() }
        let trust = "ca_file: \(authority.certificate)"
        let pair = "cert_file: \(client.certificate), key_file: \(client.key)"
        let configuration = try folder.write(
            "global: {scrape_interval: 1s, scrape_timeout: 1s}\nscrape_configs:\n"
                + Self.job("certificate", ["tls_config: {\(trust), \(pair)}"], of: node.port)
                + Self.job(
                    "token",
                    ["tls_config: {\(trust)}", "authorization: {credentials_file: \(token)}"],
                    of: node.port
                )
                + Self.job("neither", ["tls_config: {\(trust)}"], of: node.port),
            to: "prometheus.yml"
        )
        try await withPrometheus(configuration: configuration) { prometheus in
            let areKnown = try await eventually("two jobs up, one down", within: .seconds(30)) {
                let up = try await prometheus.samples("up")
                let values = up.map { "\($0.labels["job"] ?? "") \($0.value)" }
                return Set(values) == ["certificate 1.0", "token 1.0", "neither 0.0"]
            }
            #expect(areKnown)
            let areCounted = try await eventually("refusals counted", within: .seconds(20)) {
                let query = #"nova_federation_http_refused_total{cause="no_credentials"} > 0"#
                return try await prometheus.samples(query).count == 2
            }
            #expect(areCounted)
        }
    }
}
