import Foundation
import TestSupport
import Testing

/// A real node over TLS, with thousands of clients that do not complete their handshakes.
@Suite struct HandshakeFloodTests {
    private static let closed = "nova_federation_http_connections_closed_total"

    @Test func `half-open handshakes delay neither /ready nor pulls, and leave nothing behind`()
        async throws
    {
        let authority = try await TestAuthority()
        let own = try await authority.sign("own", names: "IP:127.0.0.1")
        let peers = try await TLSPeers(count: 20, authority: authority)
        let node = try await ServedNode(
            peers: peers.urls,
            settings: [
                "NOVA_FED_CA_FILE": authority.certificate, "NOVA_FED_SYNC_INTERVAL": "1",
                "NOVA_FED_TLS_CERT_FILE": own.certificate, "NOVA_FED_TLS_KEY_FILE": own.key,
            ]
        )
        defer { node.process.kill() }
        let quiet = try ProcessResources(of: node.process)
        let clients = try TLSClients(
            port: node.port,
            authority: authority.certificate,
            path: "/ready",
            kept: 2,
            fresh: 2,
            pause: .milliseconds(20)
        )
        var resident: [Int] = []
        for round in 1...2 {
            let flood = try Flood.start(
                on: node.port,
                halves: 2_000,
                drips: 500,
                life: .seconds(5),
                isSecure: true
            )
            defer { flood.kill() }
            try await eventually("the node has the handshakes", within: .seconds(20)) {
                try ProcessResources(of: node.process).files > quiet.files + 2_000
            }
            try await eventually("the slow handshakes are cut off", within: .seconds(30)) {
                let metrics = try await self.metrics(of: node, authority)
                return metrics["\(Self.closed){cause=\"incomplete\"}"] ?? 0 >= Double(round * 400)
            }
            #expect(flood.poll() == nil, "\(flood.log)")
            flood.kill()
            try await eventually("their connections are closed", within: .seconds(20)) {
                // Those of the peers and of the other clients stay.
                try ProcessResources(of: node.process).files <= quiet.files + 40
            }
            resident.append(try ProcessResources(of: node.process).residentKiB)
        }
        let report = try await clients.stop()
        #expect(report.failures.isEmpty)
        #expect(report.requests > 400)
        let metrics = try await self.metrics(of: node, authority)
        #expect(metrics.pulls("error") == 0 && metrics.missed == 0, "\(node.process.log)")
        #expect(metrics.pulls("success") >= 20 * 15)
        // The address sanitizer keeps freed memory.
        #if !PLAIN_MALLOC
        #expect(resident[1] <= resident[0] + 16_384, "\(quiet), then \(resident)")
        #endif
        #expect(try ProcessResources(of: node.process).threads <= quiet.threads + 8)
    }

    private func metrics(
        of node: ServedNode,
        _ authority: TestAuthority
    ) async throws -> ServedMetrics {
        try await ServedMetrics(of: node.port, trusting: authority.certificate)
    }
}
