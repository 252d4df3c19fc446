import Foundation
import TestSupport
import Testing

/// How a command finds the node that it queries.
@Suite struct FoundNodeTests {
    /// The settings of the nodes of a network: on the default address, on all IPv6 addresses, and
    /// on an address from a file.
    private static let nodes = [
        ["NOVA_NODE_ID": "n1", "FEDERATION_BIND": "0.0.0.0:8100"],
        ["NOVA_NODE_ID": "n2", "FEDERATION_BIND": "[::]:8101"],
        ["NOVA_NODE_ID": "n3", "FEDERATION_BIND": "127.0.0.1:8102"],
    ]

    /// The options and settings with which a command finds a node.
    private struct Way {
        var settings: [String: String] = [:]
        var file: String?
        var url: String?
        /// The index of the node.
        var node: Int
    }

    @Test func `a command queries --url, or the listener of the settings, or 127.0.0.1:8100`()
        async throws
    {
        let network = try await NetworkNamespace()
        defer { network.close() }
        var started: [ChildProcess] = []
        defer { for node in started { node.kill() } }
        for settings in Self.nodes {
            started.append(try await network.startNode(port: 0, settings: settings))
        }
        let folder = try TemporaryDirectory()
        let file = try folder.write("FEDERATION_BIND=127.0.0.1:8102\n", to: "nova.env")
        let second = ["FEDERATION_BIND": "[::]:8101"]
        for way in [
            Way(node: 0), Way(settings: second, node: 1), Way(file: file, node: 2),
            Way(settings: second, file: file, node: 1),
            Way(settings: second, file: file, url: "http://127.0.0.1:8100", node: 0),
            Way(file: file, url: "http://[::1]:8101", node: 1),
        ] {
            let config = way.file.map { ["--config", $0] } ?? []
            for command in [["status", "--json"], ["check", "--against", "--json"]] {
                let option = command[0] == "check" ? [] : ["--url"]
                let url = way.url.map { option + [$0] } ?? []
                // The settings of the node, but without its address: only `way` may name that.
                var settings = ServedNode.environment(peers: [], port: 0)
                settings["FEDERATION_BIND"] = nil
                settings["NOVA_NODE_ID"] = Self.nodes[way.node]["NOVA_NODE_ID"]
                let process = try network.start(
                    daemonExecutable(),
                    command + config + url,
                    environment: settings.merging(way.settings) { $1 }
                )
                defer { process.kill() }
                let ending = try await process.waitForEnd()
                if command[0] == "status" {
                    #expect(process.output.contains("\"node_id\":\"n\(way.node + 1)\""))
                } else if way.url == nil {
                    #expect(ending == .exit(0), "\(process.output)\(process.log)")
                } else {
                    // Only the address differs.
                    #expect(ending == .exit(3), "\(process.output)\(process.log)")
                    #expect(process.output.contains("\"changes\":[{\"key\":\"FEDERATION_BIND\""))
                    #expect(!process.output.contains("NOVA_NODE_ID"))
                }
            }
        }
    }
}
