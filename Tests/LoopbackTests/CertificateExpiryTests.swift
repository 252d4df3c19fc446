import Foundation
import TestSupport
import Testing

/// The metric of certificates that expire, from real files and real peers.
@Suite struct CertificateExpiryTests {
    private let folder: TemporaryDirectory
    private let authority: TestAuthority
    private let own: TestAuthority.Pair

    init() async throws {
        folder = try TemporaryDirectory()
        authority = try await TestAuthority()
        own = try await authority.sign("own", names: "IP:127.0.0.1", validity: .seconds(100_000))
    }

    private func write(_ peers: [String], _ settings: [String: String]) throws -> String {
        let lines = ServedNode.environment(peers: peers, port: 0).merging(settings) { $1 }
            .map { "\($0)=\($1)" }
        try folder.overwrite("node.env", with: lines.joined(separator: "\n") + "\n")
        return folder.file("node.env")
    }

    /// Seconds from now by role and peer, such as `peer 127.5.0.1:80`, in thousands, rounded.
    private func expiries(of node: ServedNode) async throws -> [String: Int] {
        let session = TLSProbe.Session(port: node.port, own, requests: [.init("/metrics")])
        let results = try await TLSProbe.run([session])
        let text = try #require(results.first?.responses.first).body
        let name = "nova_federation_certificate_expiry_timestamp_seconds"
        var expiries: [String: Int] = [:]
        for (labels, time) in ServedNode.series(name, in: text) {
            let match = try #require(labels.wholeMatch(of: /\{role="(.*)",peer="(.*)"\}/))
            let left = (time - Date().timeIntervalSince1970) / 1_000
            expiries["\(match.output.1) \(match.output.2)"] = Int(left.rounded())
        }
        return expiries
    }

    @Test func `every role has a series, and a peer loses its own when a reload removes it`()
        async throws
    {
        let peers = try await TLSPeers(count: 2, authority: authority)
        let labels = peers.urls.map { $0.dropFirst("https://".count) }
        // They have no certificate, or none is known.
        let others = ["plain=http://127.0.0.1:9", "absent=https://127.0.0.1:9"]
        let settings = [
            "NOVA_FED_TLS_CERT_FILE": own.certificate, "NOVA_FED_TLS_KEY_FILE": own.key,
            "NOVA_FED_CA_FILE": authority.certificate,
            "NOVA_FED_CLIENT_CA_FILE": authority.certificate, "NOVA_FED_SYNC_INTERVAL": "1",
        ]
        let file = try write(peers.urls + others, settings)
        let process = try ChildProcess(daemonExecutable(), ["serve", "--config", file])
        defer { process.kill() }
        let node = ServedNode(process: process, port: try await ServedNode.port(of: process))
        // The authority is valid for two days, the certificate of the peers for one.
        var expected = [
            "listener ": 100, "client_ca ": 173, "peer_ca ": 173, "peer \(labels[0])": 86,
            "peer \(labels[1])": 86,
        ]
        try await eventually("every certificate has a series", within: .seconds(20)) {
            try await expiries(of: node) == expected
        }
        _ = try write([peers.urls[1]] + others, settings)
        process.send(SIGHUP)
        _ = try await process.logLine(containing: "msg=reloaded")
        expected["peer \(labels[0])"] = nil
        #expect(try await expiries(of: node) == expected)
        // The failed pulls are over, and still no certificate is known.
        try await eventually("the absent peer was pulled") {
            try peers.requests.count { $0.address == "127.5.0.2" } > 4
        }
        #expect(try await expiries(of: node) == expected)
    }
}
