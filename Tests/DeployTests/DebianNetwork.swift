import TestSupport
import Testing

/// A network for the machines of one test: a bridge in an isolated network namespace.
///
/// It ends with its processes.
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

    /// The prefix of a command that runs in the namespace of the bridge.
    var entrance: [String] { ["nsenter", "--target", "\(keeper.pid)", "--net", "--"] }

    /// The options that connect a container to the bridge.
    static func options(of machine: (name: String, network: DebianNetwork)) -> [String] {
        ["--machine=\(machine.name)", "--network-bridge=\(bridge)"]
    }
}
