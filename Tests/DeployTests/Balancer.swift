import Glibc
import TestSupport
import Testing

/// A real load balancer in front of three nodes, with a shipped configuration.
struct Balancer {
    /// The program, which determines the configuration.
    enum Kind: String, CaseIterable, Sendable {
        case haproxy, nginx

        var configuration: String {
            switch self {
            case .haproxy: "haproxy/haproxy.cfg"
            case .nginx: "nginx/nova-federation.conf"
            }
        }
    }

    let kind: Kind
    let process: ChildProcess
    let port: Int
    /// The socket for HAProxy's commands.
    let orders: String

    var probe: HTTPProbe { HTTPProbe(port: port, timeout: .seconds(30)) }

    /// Sends a command to HAProxy as in `docs/balancing.md`, and returns the response.
    @discardableResult
    func order(_ order: String) async throws -> String {
        let socat = try tool(named: "socat", package: "socat")
        let finished = try await run(
            socat,
            ["-t5", "stdio", orders],
            input: Array("\(order)\n".utf8)
        )
        guard finished.ending == .exit(0) else {
            throw TestError("HAProxy rejected '\(order)': \(finished.log)")
        }
        return finished.output
    }

    /// HAProxy's statistics of a server, by column.
    func statistics(of server: String) async throws -> [String: String] {
        let lines = try await order("show stat").split(separator: "\n")
            .map { $0.split(separator: ",", omittingEmptySubsequences: false).map(String.init) }
        guard let names = lines.first,
            let values = lines.first(where: { $0.count > 1 && $0[0] == "nodes" && $0[1] == server })
        else { throw TestError("HAProxy has no server \(server).") }
        return Dictionary(zip(names, values)) { first, _ in first }
    }

    /// Waits until HAProxy shows this status of a server: `UP`, `DOWN`, `DRAIN`.
    func waitUntil(_ server: String, is status: String, within limit: Duration) async throws {
        let isSo = try await becomesTrue(within: limit) {
            try await statistics(of: server)["status"] == status
        }
        guard isSo else {
            throw TestError("\(server) was not \(status) within \(limit).\n\(process.log)")
        }
    }
}

/// Runs a load balancer in front of `nodes` while `body` runs.
///
/// Its configuration is the shipped one, with other addresses and with `edits`.
func withBalancer<Value>(
    _ kind: Balancer.Kind,
    over nodes: [BalancedNode],
    at port: Int? = nil,
    _ edits: [Edit] = [],
    isolation: isolated (any Actor)? = #isolation,
    _ body: (Balancer) async throws -> Value
) async throws -> Value {
    let folder = try TemporaryDirectory()
    let port = try port ?? freePort()
    let orders = folder.file("admin.sock")
    let addresses = nodes.enumerated()
        .map { Edit(shipped: "10.0.0.\(11 + $0.offset):8100", used: $0.element.authority) }
    let places: [Edit] =
        switch kind {
        case .haproxy:
            [("bind :8100", "bind 127.0.0.1:\(port)"), ("/run/haproxy/admin.sock", orders)]
        case .nginx:
            [("listen 8100;", "listen 127.0.0.1:\(port);")]
        }
    let configuration = try folder.write(
        edited(kind.configuration, addresses + places + edits),
        to: "configuration"
    )
    let process: ChildProcess =
        switch kind {
        case .haproxy:
            try ChildProcess(
                tool(named: "haproxy", package: "haproxy"),
                ["-db", "-dW", "-f", configuration]
            )
        case .nginx:
            try ChildProcess(
                tool(named: "nginx", package: "nginx-light"),
                [
                    "-e", "stderr",
                    "-c", folder.write(nginxSettings(configuration, folder), to: "nginx.conf"),
                ]
            )
        }
    let balancer = Balancer(kind: kind, process: process, port: port, orders: orders)
    defer { end(process) }
    let isServing = await becomesTrue(within: .seconds(10)) {
        (try? await balancer.probe.get("/ready").status) == 200
    }
    guard isServing else { throw TestError("\(kind) does not serve. Its log:\n\(process.log)") }
    return try await body(balancer)
}

/// The relevant part of Debian's nginx.conf around the files of conf.d.
func nginxSettings(_ included: String, _ folder: TemporaryDirectory) -> String {
    """
    daemon off;
    worker_processes 2;
    pid \(folder.file("nginx.pid"));
    events {}
    http { include \(included); }
    """
}

/// Stops a proxy before it is killed, so that a master process ends its workers.
func end(_ process: ChildProcess) {
    process.send(SIGTERM)
    for _ in 0..<300 where process.poll() == nil { usleep(10_000) }
    process.kill()
}
