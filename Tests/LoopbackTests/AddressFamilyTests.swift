import Foundation
import Glibc
import TestSupport
import Testing

/// Peers with names, on machines with unusual but legal hosts files and addresses.
@Suite struct AddressFamilyTests {
    /// A network whose hosts file names ::1 first, and whose only other address is IPv6.
    private func network() async throws -> NetworkNamespace {
        try await NetworkNamespace(
            hosts: """
                ::1 localhost
                127.0.0.1 localhost
                127.0.0.1 four.test
                ::1 both.test
                127.0.0.1 both.test
                fd00::1 wide.test
                127.0.0.1 wide.test
                10.9.9.9 routed.test
                127.0.0.1 routed.test
                10.9.9.9 refused.test
                127.0.0.9 refused.test

                """,
            addresses: ["fd00::1/64"]
        )
    }

    private static let names = [
        "localhost", "api.localhost", "four.test", "both.test", "wide.test", "routed.test",
    ]

    @Test func `a peer on 127.0.0.1 is reached by name on a machine with IPv6 only`() async throws {
        let network = try await network()
        defer { network.close() }
        let peer = try await network.startNode(port: 8101)
        defer { peer.kill() }
        let node = try await network.startNode(
            port: 8100,
            peers: Self.names.map { "\($0)=http://\($0):8101" }
                + ["refused=http://refused.test:8101"],
            settings: ["NOVA_FED_SYNC_INTERVAL": "0.5"]
        )
        defer { node.kill() }
        try await eventually("each was pulled more than once") {
            try await network.health(port: 8100).peers.allSatisfy { $0.samples >= 2 }
        }
        let health = try await network.health(port: 8100)
        for name in Self.names {
            #expect(health.peer(name)?.state == "up", "\(name)")
            #expect(health.peer(name)?.successRate == 1, "\(name)")
        }
        // The other address has no route, but the reason is that this one refuses.
        #expect(health.peer("refused")?.lastFailure?.reason == "connect_refused")
    }

    @Test func `pull reaches a server on 127.0.0.1 by the name localhost`() async throws {
        let network = try await network()
        defer { network.close() }
        let peer = try await network.startNode(port: 8101)
        defer { peer.kill() }
        let pull = try network.start(
            daemonExecutable(),
            ["pull"] + Self.names.map { "http://\($0):8101" }
        )
        defer { pull.kill() }
        #expect(try await pull.waitForEnd(within: .seconds(10)) == .exit(0), "\(pull.output)")
    }

    @Test func `a local source is reached by the name localhost`() async throws {
        let network = try await network()
        defer { network.close() }
        let source = try await network.startNode(port: 8101)
        defer { source.kill() }
        let node = try await network.startNode(
            port: 8100,
            settings: [
                "NOVA_FED_LOCAL_SOURCE": "http://localhost:8101",
                "NOVA_WISDOM_POLL_INTERVAL": "0.5",
            ]
        )
        defer { node.kill() }
        try await eventually("the source is good") {
            try await network.metrics(port: 8100)["nova_federation_source_ok"] == 1
        }
    }
}
