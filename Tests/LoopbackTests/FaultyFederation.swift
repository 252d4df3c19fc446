import Foundation
import Glibc
import TestSupport

/// Five nodes on five machines, whose faults a test can set and heal.
final class FaultyFederation {
    /// A fault of a machine, or of the direction from one to another.
    enum Fault: Hashable, Sendable {
        case stopped(Int)
        /// Suspended with SIGSTOP.
        case hung(Int)
        case isolated(Int)
        case cut(Int, Int)
        /// Its list lacks n2 and has n9, which does not exist.
        case otherList(Int)
        /// Its clock is ten seconds ahead.
        case clockAhead(Int)
    }

    private static let machines = 1...5

    private let network: RoutedNetwork
    private let folder: TemporaryDirectory
    private var nodes: [Int: ChildProcess] = [:]
    private var faults: Set<Fault> = []

    /// Starts the nodes.
    init() async throws {
        folder = try TemporaryDirectory()
        network = try await RoutedNetwork(machines: Self.machines.count)
        for machine in Self.machines {
            try write("+0", to: "clock-\(machine)")
            try write(Self.list(of: machine), to: "peers-\(machine)")
            nodes[machine] = try startNode(on: machine)
        }
        for node in nodes.values { _ = try await ServedNode.port(of: node) }
    }

    func close() {
        for node in nodes.values { node.kill() }
        network.close()
    }

    /// Sets these faults and heals all others.
    func set(_ wanted: Set<Fault>) async throws {
        for fault in faults.subtracting(wanted) { try await set(fault, false) }
        for fault in wanted.subtracting(faults) { try await set(fault, true) }
        faults = wanted
    }

    /// Runs the command on a machine, with the loopback address of its node, or on the router.
    func status(
        on machine: Int?,
        _ arguments: [String] = []
    ) async throws -> (ending: ChildProcess.Ending, output: String, log: String) {
        let url = machine == nil ? RoutedNetwork.url(1) : "http://127.0.0.1:\(RoutedNetwork.port)"
        let command = try network.start(
            on: machine,
            daemonExecutable(),
            ["status", "--all", "--url", url] + arguments
        )
        defer { command.kill() }
        let ending = try await command.waitForEnd()
        return (ending, command.output, command.log)
    }

    private func set(_ fault: Fault, _ isSet: Bool) async throws {
        switch fault {
        case .stopped(let machine):
            nodes[machine]?.kill()
            if !isSet { nodes[machine] = try startNode(on: machine) }
        case .hung(let machine): nodes[machine]?.send(isSet ? SIGSTOP : SIGCONT)
        case .isolated(let machine): try await network.setIsolated(isSet, machine)
        case .cut(let from, let to): try await network.setCut(isSet, from: from, to: to)
        case .otherList(let machine):
            let other =
                ["n9=\(RoutedNetwork.url(9))"]
                + Self.peers(of: machine).filter { !$0.hasPrefix("n2=") }
            try write(
                isSet ? other.joined(separator: "\n") + "\n" : Self.list(of: machine),
                to: "peers-\(machine)"
            )
        case .clockAhead(let machine): try write(isSet ? "+10s" : "+0", to: "clock-\(machine)")
        }
    }

    private static func peers(of machine: Int) -> [String] {
        machines.filter { $0 != machine }.map { "n\($0)=\(RoutedNetwork.url($0))" }
    }

    private static func list(of machine: Int) -> String {
        peers(of: machine).joined(separator: "\n") + "\n"
    }

    /// By a rename, so that no reader finds an incomplete file.
    private func write(_ text: String, to name: String) throws {
        try Data(text.utf8)
            .write(to: URL(fileURLWithPath: folder.file(name)), options: .atomic)
    }

    private func startNode(on machine: Int) throws -> ChildProcess {
        let settings = [
            "FEDERATION_BIND": "0.0.0.0:\(RoutedNetwork.port)",
            "NOVA_FED_PEERS_FILE": folder.file("peers-\(machine)"),
            "NOVA_FED_SYNC_INTERVAL": "0.5", "NOVA_FED_SYNC_TIMEOUT": "0.4",
            "NOVA_NODE_ID": "node-n\(machine)",
        ]
        return try network.start(
            on: machine,
            daemonExecutable(),
            ["serve"],
            environment: ServedNode.environment(peers: [], port: RoutedNetwork.port)
                .merging(settings) { $1 }
                .merging(FakeTime.environment(file: folder.file("clock-\(machine)"))) { $1 }
        )
    }
}
