import TestSupport
import Testing

/// A network for the machines of one test: a bridge in a network namespace, without a way out.
///
/// It is gone when its processes are.
final class DebianNetwork: Sendable {
    private static let bridge = "nova0"

    private let keeper: ChildProcess

    init() async throws {
        let ip = try tool(named: "ip", package: "iproute2")
        keeper = try ChildProcess(
            "/usr/bin/env",
            Debian.asRoot([
                "unshare", "--net", "--", "/bin/sh", "-c",
                "\(ip) link add \(Self.bridge) type bridge && \(ip) link set \(Self.bridge) up"
                    + " && echo ready && exec sleep 1200",
            ])
        )
        for _ in 0..<500 where keeper.output.isEmpty && keeper.poll() == nil {
            try await Task.sleep(for: .milliseconds(10))
        }
        guard keeper.output == "ready\n" else {
            throw TestError("This test needs a network namespace with a bridge: \(keeper.log)")
        }
    }

    deinit {
        keeper.kill()
    }

    /// What a command begins with that runs beside the bridge.
    var entrance: [String] { ["nsenter", "--target", "\(keeper.pid)", "--net", "--"] }

    /// What makes a container a machine at the bridge.
    static func options(of machine: (name: String, network: DebianNetwork)) -> [String] {
        ["--machine=\(machine.name)", "--network-bridge=\(bridge)"]
    }
}
