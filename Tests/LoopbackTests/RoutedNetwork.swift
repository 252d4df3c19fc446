import Foundation
import Glibc
import TestSupport
import Testing

/// Machines that reach each other through a router, each in its own network namespace.
///
/// Machine 3 has the address 10.0.3.2. The router can drop packets by their direction; a program on
/// the router itself still reaches every machine.
final class RoutedNetwork: Sendable {
    /// The port of the node on each machine.
    static let port = 8100

    let router: NetworkNamespace
    /// A sleeping process keeps each machine alive.
    private let machines: [ChildProcess]

    /// The machines are numbered from 1.
    init(machines count: Int) async throws {
        let router = try await NetworkNamespace()
        self.router = router
        let shell = "/bin/sh"
        machines = try (1...count)
            .map { _ in
                try router.start(
                    tool(named: "unshare", package: "util-linux"),
                    ["--net", "--", shell, "-c", "echo ready; exec sleep 600"]
                )
            }
        for machine in machines {
            await eventually("the machine starts") { machine.output == "ready\n" }
        }
        var steps = ["echo 1 > /proc/sys/net/ipv4/ip_forward"]
        for (number, machine) in zip(1..., machines) {
            let net = "10.0.\(number)"
            let inside = [
                "ip link set lo up", "ip address add \(net).2/24 dev eth0", "ip link set eth0 up",
                "ip route add default via \(net).1",
            ]
            steps += [
                "ip link add v\(number) type veth peer name eth0 netns \(machine.pid)",
                "ip address add \(net).1/24 dev v\(number)", "ip link set v\(number) up",
                "nsenter --net=/proc/\(machine.pid)/ns/net \(shell) -ec '"
                    + inside.joined(separator: "; ") + "'",
            ]
        }
        try await run(on: nil, steps)
    }

    /// Ends the machines; programs that were started on them must have been ended before.
    func close() {
        for machine in machines { machine.kill() }
        router.close()
    }

    static func address(_ machine: Int) -> String { "10.0.\(machine).2" }
    static func url(_ machine: Int) -> String { "http://\(address(machine)):\(port)" }

    /// Starts a program (a path) on a machine, or on the router if that is nil.
    func start(
        on machine: Int?,
        _ program: String,
        _ arguments: [String] = [],
        environment: [String: String] = [:]
    ) throws -> ChildProcess {
        guard let machine else {
            return try router.start(program, arguments, environment: environment)
        }
        return try router.start(
            tool(named: "nsenter", package: "util-linux"),
            ["--net=/proc/\(machines[machine - 1].pid)/ns/net", "--", program] + arguments,
            environment: environment
        )
    }

    /// Drops the packets from one machine to the node of another, or passes them again.
    ///
    /// Only the port of the node is affected, so responses in the other direction arrive.
    func setCut(_ isCut: Bool, from: Int, to: Int) async throws {
        try await run(
            on: nil,
            [Self.rule(isCut, from: from, to: to) + " ipproto tcp dport \(Self.port) blackhole"]
        )
    }

    /// Drops all packets between a machine and the others, or passes them again.
    func setIsolated(_ isIsolated: Bool, _ machine: Int) async throws {
        let others = (1...machines.count).filter { $0 != machine }
        try await run(
            on: nil,
            others.flatMap { other in
                [
                    Self.rule(isIsolated, from: machine, to: other) + " blackhole",
                    Self.rule(isIsolated, from: other, to: machine) + " blackhole",
                ]
            }
        )
    }

    private static func rule(_ isAdded: Bool, from: Int, to: Int) -> String {
        "ip rule \(isAdded ? "add" : "del") from \(address(from)) to \(address(to))"
    }

    /// Runs shell commands on a machine or on the router, as root of its network.
    func run(on machine: Int?, _ commands: [String]) async throws {
        let shell = try start(
            on: machine,
            "/bin/sh",
            ["-ec", (["PATH=$PATH:/usr/sbin:/sbin"] + commands).joined(separator: "\n")]
        )
        guard try await shell.waitForEnd() == .exit(0) else {
            throw TestError("This test needs to set up a network: \(shell.log)")
        }
    }

    /// The response of the node on a machine to a GET from that machine.
    func get(_ path: String, on machine: Int) async throws -> HTTPMessage {
        let client = try start(
            on: machine,
            tool(named: "bash", package: "bash"),
            ["-c", NetworkNamespace.script(of: path, port: Self.port)]
        )
        defer { client.kill() }
        _ = try await client.waitForEnd(within: .seconds(10))
        guard let answer = HTTPMessage(Array(client.output.utf8)) else {
            throw TestError("No response to \(path) on machine \(machine): \(client.log)")
        }
        return answer
    }
}
