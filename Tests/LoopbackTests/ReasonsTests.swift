import TestSupport
import Testing

/// Failure reasons that need namespaces or other limits.
@Suite struct ReasonsTests {
    /// A row of `pull --json`.
    struct Row: Decodable {
        let peer: String
        let state: String
        let reason: String?
        let phase: String?
        let detail: String?
        let dnsMs: Double?
        let totalMs: Double?

        /// The state, or the reason and the phase of the failure.
        var outcome: String {
            reason.map { "\($0) in \(phase ?? "the summary")" } ?? state
        }
    }

    /// Runs `pull --json` with `peers`, started by `program`.
    private func pull(
        _ peers: [String],
        through program: String,
        _ arguments: [String],
        environment: [String: String] = [:]
    ) async throws -> [String: Row] {
        let finished = try await run(
            program,
            arguments + [daemonExecutable(), "pull", "--json"] + peers,
            environment: environment
        )
        guard finished.output.hasPrefix("[") else {
            throw TestError("No rows in '\(finished.output)'. \(finished.log)")
        }
        let rows: [Row] = try decodeSnakeCase(Array(finished.output.utf8))
        return Dictionary(uniqueKeysWithValues: rows.map { ($0.peer, $0) })
    }

    /// Pulls in a mount namespace with these hosts and without a name server.
    private func pull(
        _ peers: [String],
        hosts: [String],
        environment: [String: String] = [:]
    ) async throws -> [String: Row] {
        let unshare = try tool(named: "unshare", package: "util-linux")
        let folder = try TemporaryDirectory()
        try folder.overwrite("hosts", with: hosts.joined(separator: "\n") + "\n")
        // No server listens there, so queries are refused at once.
        try folder.overwrite("resolv.conf", with: "nameserver 127.99.53.53\n")
        let script = """
            mount --bind \(folder.file("hosts")) /etc/hosts && \
            mount --bind \(folder.file("resolv.conf")) /etc/resolv.conf && exec "$@"
            """
        return try await pull(
            peers,
            through: unshare,
            ["-rm", "/bin/sh", "-c", script, "sh"],
            environment: environment
        )
    }

    @Test func `a name is pulled at any of its addresses that answers`() async throws {
        let good = Script.summary(nodeID: "nova-a")
        let four = try ScriptedPeer(good, on: "127.0.0.1")
        let six = try ScriptedPeer(good, on: "::1")
        let other = try ScriptedPeer(good, on: "127.4.4.4")
        defer { for peer in [four, six, other] { peer.stop() } }
        let nobody = try freePort(on: "127.4.4.5")
        let rows = try await pull(
            [
                "four=http://both.test:\(four.port)", "six=http://both.test:\(six.port)",
                "only-six=http://six.test:\(six.port)", "dot=http://dot.test.:\(four.port)",
                "upper=http://BOTH.test:\(four.port)", "third=http://three.test:\(other.port)",
                "scope=http://scope.test:\(four.port)", "nobody=http://three.test:\(nobody)",
                "unknown=http://unknown.test:80", "no-answer=http://nowhere.invalid:80",
            ],
            hosts: [
                "::1 both.test six.test", "127.0.0.1 both.test dot.test. scope.test",
                "127.4.4.5 three.test", "127.4.4.4 three.test", "fe80::1%lo scope.test",
            ]
        )
        for name in ["four", "six", "only-six", "dot", "upper", "third", "scope"] {
            #expect(rows[name]?.outcome == "up", "\(name): \(rows[name]?.detail ?? "")")
            #expect(rows[name]?.dnsMs ?? 0 > 0)
        }
        #expect(rows["nobody"]?.outcome == "connect_refused in connect")
        for name in ["unknown", "no-answer"] {
            #expect(rows[name]?.outcome == "dns_failed in dns", "\(rows[name]?.detail ?? "")")
        }
    }

    @Test func `a name server that does not answer in time is timed_out in phase dns`()
        async throws
    {
        // A socket that is never read: it receives queries and answers none.
        let unshare = try tool(named: "unshare", package: "util-linux")
        let python = try tool(named: "python3", package: "python3")
        let program = """
            import os, socket, subprocess, sys, tempfile
            silent = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
            silent.bind(("127.99.53.54", 53))
            with tempfile.NamedTemporaryFile("w") as file:
                file.write("nameserver 127.99.53.54\\n")
                file.flush()
                subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
                subprocess.run(["mount", "--bind", file.name, "/etc/resolv.conf"], check=True)
                sys.exit(subprocess.run(sys.argv[1:]).returncode)
            """
        let rows = try await pull(
            ["silent=http://somewhere.test:80", "address=http://127.99.53.54:9"],
            through: unshare,
            ["-rmn", python, "-c", program],
            environment: ["NOVA_FED_SYNC_TIMEOUT": "0.3", "NOVA_FED_SYNC_INTERVAL": "1"]
        )
        let silent = try #require(rows["silent"])
        #expect(silent.outcome == "timed_out in dns")
        let total = try #require(silent.totalMs)
        #expect(total >= 300)
        #expect(total <= 353 || silent.detail?.contains("held up") == true)
        #expect(rows["address"]?.outcome == "connect_refused in connect")
    }

    @Test func `the detail of a failed connection is the error of the system`()
        async throws
    {
        // A network namespace with two routes, which refuse.
        let script = """
            ip link set lo up && ip route add unreachable 10.1.0.0/16 && \
            ip route add prohibit 10.2.0.0/16 && exec "$@"
            """
        let port = try freePort(on: "127.99.0.7")
        let rows = try await pull(
            [
                "no-network=http://10.0.0.1:80", "no-route=http://10.1.0.1:80",
                "denied=http://10.2.0.1:80", "refused=http://127.99.0.7:\(port)",
            ],
            through: tool(named: "unshare", package: "util-linux"),
            ["-rn", "/bin/sh", "-c", script, "sh"]
        )
        let causes = [
            "no-network": "Network is unreachable", "no-route": "No route to host",
            "denied": "Permission denied", "refused": "Connection refused",
        ]
        for (name, cause) in causes {
            let reason = name == "refused" ? "connect_refused" : "connect_failed"
            #expect(rows[name]?.outcome == "\(reason) in connect")
            #expect(
                rows[name]?.detail?.hasSuffix(": \(cause)") == true,
                "\(rows[name]?.detail ?? "")"
            )
        }
    }

    @Test func `the detail of a response that is too large names the limit and its setting`()
        async throws
    {
        let large = try ScriptedPeer(.answer(response(body: String(repeating: " ", count: 2_049))))
        let long = try ScriptedPeer(.endlessHeaders)
        defer { for peer in [large, long] { peer.stop() } }
        let rows = try await pull(
            ["large=\(large.url)", "long=\(long.url)"],
            through: "/usr/bin/env",
            [],
            environment: ["NOVA_FED_MAX_BODY": "2048"]
        )
        #expect(rows["large"]?.outcome == "too_large in body")
        #expect(
            rows["large"]?.detail
                == "body larger than 2048 bytes, the limit that NOVA_FED_MAX_BODY sets"
        )
        #expect(rows["long"]?.outcome == "too_large in body")
        #expect(rows["long"]?.detail == "headers larger than 32768 bytes, a fixed limit")
    }

    @Test func `a pull without a free descriptor fails as internal`() async throws {
        let prlimit = try tool(named: "prlimit", package: "util-linux")
        let peer = try ScriptedPeer(.silence)
        defer { peer.stop() }
        let rows = try await pull(
            (1...300).map { "peer-\($0)=\(peer.url)" },
            through: prlimit,
            ["--nofile=160:160"],
            environment: [
                "NOVA_FED_SYNC_TIMEOUT": "0.5", "NOVA_FED_MAX_CONNECTIONS": "16",
                "NOVA_FED_MAX_IN_FLIGHT": "1",
            ]
        )
        let reasons = Set(rows.values.map(\.reason))
        #expect(rows.count == 300)
        #expect(reasons == ["timed_out", "internal"])
    }
}
