import Foundation
import TestSupport
import Testing

/// A real Prometheus finds and scrapes nodes with TLS, with the lines of docs/monitoring.md.
@Suite struct ScrapeTLSTests {
    /// The section of the page with these places and files instead of its own.
    private static func section(
        hasCertificate: Bool,
        _ replacements: [String: String]
    ) throws -> String {
        let page = try MonitoringPageTests.secureSection(hasCertificate: hasCertificate)
        return replacements.reduce(page) { $0.replacing($1.key, with: $1.value) }
    }

    @Test(arguments: [true, false], [true, false])
    func `Prometheus discovers and scrapes nodes over TLS only with a credential`(
        hasCertificate: Bool,
        isAccepted: Bool
    ) async throws {
        let (authority, other) = (try await TestAuthority(), try await TestAuthority())
        let folder = try TemporaryDirectory()
        let hosts = ["127.0.0.11", "127.0.0.12", "127.0.0.13"]
        let places = try hosts.map(RunningNode.place)
        let names = hosts.map { "IP:\($0)" }.joined(separator: ",")
        let own = try await authority.sign("node", names: names)
        let client = try await (isAccepted ? authority : other)
            .sign("prometheus", names: "DNS:p", purposes: "clientAuth")
        let token = "token-of-prometheus"
        let settings = [
            "NOVA_FED_CA_FILE": authority.certificate,
            "NOVA_FED_TLS_CERT_FILE": own.certificate, "NOVA_FED_TLS_KEY_FILE": own.key,
            "NOVA_FED_CLIENT_CA_FILE": authority.certificate,
            "NOVA_FED_TOKEN_FILE": try folder.write(token, to: "tokens"),
        ]
        let peers = places.map { "https://\($0)" }
        let nodes = try places.map { try RunningNode(at: $0, peers: peers, settings) }
        let section = try Self.section(
            hasCertificate: hasCertificate,
            [
                "10.0.0.11:8100": places[0], "10.0.0.12:8100": places[1], "60s": "1s",
                "/etc/prometheus/nova-ca.pem": authority.certificate,
                "/etc/prometheus/nova-client.pem": client.certificate,
                "/etc/prometheus/nova-client.key": client.key,
                "/etc/prometheus/nova.token": try folder.write(
                    isAccepted ? token : "another-token-here",
                    to: "nova.token"
                ),
            ]
        )
        let shipped = try ShippedPrometheus(asking: places[0], places[1]) { text in
            text.components(separatedBy: "scrape_configs:\n")[0] + section
        }
        // The third node is found only by discovery.
        let targets = isAccepted ? places.map { "\($0) up" } : places.prefix(2).map { "\($0) down" }
        try await withPrometheus(configuration: shipped.configuration) { prometheus in
            try await ScrapeTests.expect(targets, of: prometheus, "the targets are as expected")
            let refused = "sum(nova_federation_http_refused_total)"
            if isAccepted {
                try await eventually("no request was refused", within: .seconds(20)) {
                    try await prometheus.samples(refused).map(\.value) == [0]
                }
            }
            #expect(nodes.allSatisfy { $0.process.poll() == nil })
        }
    }
}
