import TestSupport
import Testing

/// A real node that pulls its peers every second, on its own loopback address and port.
struct RunningNode {
    /// Its `host:port` as a peer and as a target.
    let place: String
    let process: ChildProcess

    /// A free `host:port` on a loopback address.
    static func place(on host: String) throws -> String {
        "\(host):\(try freePort(on: host))"
    }

    /// Starts a node that listens at `place` and pulls `peers`, items of `NOVA_FED_PEERS`.
    init(at place: String, peers: [String], _ settings: [String: String] = [:]) throws {
        let environment = [
            "FEDERATION_ENABLED": "1", "FEDERATION_BIND": place, "NOVA_ENABLE_PROMETHEUS": "1",
            "NOVA_FED_SYNC_ENABLED": "1", "NOVA_FED_PEERS": peers.joined(separator: ","),
            "NOVA_FED_SYNC_INTERVAL": "1", "NOVA_WISDOM_POLL_INTERVAL": "1",
            "NOVA_FED_DRAIN_SEC": "0", "NOVA_FED_LOG_LEVEL": "warning", "NOVA_NODE_ID": place,
        ]
        self.place = place
        process = try ChildProcess(
            daemonExecutable(),
            ["serve"],
            environment: environment.merging(settings) { $1 }
        )
    }
}
