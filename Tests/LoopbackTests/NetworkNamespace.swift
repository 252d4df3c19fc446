import Foundation
import Glibc
import TestSupport
import Testing

/// A network namespace with its own loopback, name server and hosts file.
///
/// A sleeping process keeps it alive, and other programs are started in it. Without root it is
/// created in a user namespace.
final class NetworkNamespace: Sendable {
    /// The address of its name server.
    static let nameServer = "127.0.0.53"

    private let keeper: ChildProcess
    private let folder: TemporaryDirectory

    /// - Parameters:
    ///   - hosts: Its hosts file; nil means that of the machine.
    ///   - addresses: Its addresses besides loopback, with the length of the prefix.
    /// - Throws: If this machine does not allow network namespaces.
    init(hosts: String? = nil, addresses: [String] = []) async throws {
        folder = try TemporaryDirectory()
        try folder.overwrite("resolv.conf", with: "nameserver \(Self.nameServer)\n")
        let resolver = folder.file("resolv.conf")
        let ip = try tool(named: "ip", package: "iproute2")
        var steps = [
            "\(ip) link set lo up", "mount --bind \(resolver) /etc/resolv.conf",
        ]
        if let hosts {
            try folder.overwrite("static-hosts", with: hosts)
            steps.append("mount --bind \(folder.file("static-hosts")) /etc/hosts")
        }
        if !addresses.isEmpty {
            steps.append("\(ip) link add veth0 up type veth peer name veth1")
            steps.append("\(ip) link set veth1 up")
        }
        for address in addresses {
            let isIPv6 = address.contains(":")
            steps.append("\(ip) address add \(address) dev veth0" + (isIPv6 ? " nodad" : ""))
        }
        keeper = try ChildProcess(
            tool(named: "unshare", package: "util-linux"),
            (Self.isRoot ? [] : ["--user", "--map-root-user"]) + [
                "--net", "--mount", "--", "/bin/sh", "-c",
                (steps + ["echo ready", "exec sleep 600"]).joined(separator: " && "),
            ]
        )
        for _ in 0..<500 where keeper.output.isEmpty && keeper.poll() == nil {
            try await Task.sleep(for: .milliseconds(10))
        }
        guard keeper.output == "ready\n" else {
            throw TestError(
                "This test needs network namespaces, as root or as a user: \(keeper.log)"
            )
        }
    }

    private static var isRoot: Bool { geteuid() == 0 }

    /// Ends the process that keeps it alive.
    func close() {
        keeper.kill()
    }

    /// Starts a program (a path) in it.
    func start(
        _ program: String,
        _ arguments: [String] = [],
        environment: [String: String] = [:]
    ) throws -> ChildProcess {
        try ChildProcess(
            tool(named: "nsenter", package: "util-linux"),
            ["--target", "\(keeper.pid)"]
                + (Self.isRoot ? [] : ["--user", "--preserve-credentials"])
                + ["--net", "--mount", "--", program] + arguments,
            environment: environment
        )
    }

    /// Starts a node in it, with peer sync on, and waits until it serves.
    func startNode(
        port: Int,
        peers: [String] = [],
        settings: [String: String] = [:]
    ) async throws -> ChildProcess {
        let node = try start(
            daemonExecutable(),
            ["serve"],
            environment: ServedNode.environment(peers: peers, port: port)
                .merging(settings) { $1 }
        )
        _ = try await ServedNode.port(of: node)
        return node
    }

    /// Sends a GET to a port of its loopback.
    func get(_ path: String, port: Int) async throws -> HTTPMessage {
        let client = try start(
            tool(named: "bash", package: "bash"),
            ["-c", Self.script(of: path, port: port)]
        )
        defer { client.kill() }
        _ = try await client.waitForEnd(within: .seconds(10))
        guard let answer = HTTPMessage(Array(client.output.utf8)) else {
            throw TestError("No response to \(path) on port \(port): \(client.log)")
        }
        return answer
    }

    /// A script for bash that prints the response to a GET to a port of its loopback.
    static func script(of path: String, port: Int) -> String {
        """
        exec 3<>/dev/tcp/127.0.0.1/\(port)
        printf 'GET \(path) HTTP/1.1\\r\\nHost: node\\r\\nConnection: close\\r\\n\\r\\n' >&3
        exec cat <&3
        """
    }

    func health(port: Int) async throws -> ServedHealth {
        try ServedHealth(await get("/federation/health", port: port).body)
    }

    func metrics(port: Int) async throws -> ServedMetrics {
        ServedMetrics(try await get("/metrics", port: port).text)
    }

    /// Starts its name server, which knows only the names given to `setNames`.
    ///
    /// After SIGSTOP it receives queries and answers none.
    func startNameServer() async throws -> ChildProcess {
        try folder.overwrite("hosts", with: "")
        let server = try start(
            tool(named: "dnsmasq", package: "dnsmasq-base"),
            [
                "--no-daemon", "--conf-file=/dev/null", "--log-facility=-", "--bind-interfaces",
                "--listen-address=\(Self.nameServer)",
                "--no-resolv", "--no-hosts", "--local=/test/", "--cache-size=0",
                "--addn-hosts=\(folder.file("hosts"))",
            ]
        )
        _ = try await server.logLine(containing: "started")
        return server
    }

    /// Makes the name server resolve these names, and no others, to 127.0.0.1.
    func setNames(_ names: [String], at server: ChildProcess) throws {
        // In place, so that the server reads the same file again.
        try folder.overwrite("hosts", with: names.map { "127.0.0.1 \($0)\n" }.joined())
        server.send(SIGHUP)
    }
}
