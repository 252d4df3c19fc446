import Foundation
import TestSupport
import Testing

/// The script of docs/balancing.md that restarts all nodes.
@Suite struct RollingScriptTests {
    /// Stands in for ssh: the test, which owns the nodes, restarts one and replies with a code.
    private static let ssh = """
        #!/bin/sh
        echo "$*" >"$0.new" && mv "$0.new" "$0.request"
        until [ -e "$0.reply" ]; do sleep 0.01; done
        read -r code <"$0.reply"
        rm "$0.reply"
        exit "$code"

        """

    /// The script with the addresses of these nodes, and with `edits`.
    private static func script(
        _ nodes: [BalancedNode],
        _ balancer: Balancer,
        _ edits: [Edit]
    ) throws -> String {
        let page = try String(contentsOfFile: "\(packageRoot)/docs/balancing.md", encoding: .utf8)
        let blocks = page.matches(of: /(?s)\n```bash\n(.*?\n)```\n/).map { String($0.output.1) }
        try #require(blocks.count == 1)
        let addresses = nodes.enumerated()
            .map { Edit(shipped: "10.0.0.\(11 + $0.offset):8100", used: $0.element.authority) }
        let socket = Edit(shipped: "/run/haproxy/admin.sock", used: balancer.orders)
        return try edited(text: blocks[0], addresses + [socket] + edits)
    }

    /// Runs the script to its end, with `restart` in the place of `ssh ADDRESS systemctl restart`.
    private func runScript(
        _ nodes: [BalancedNode],
        _ balancer: Balancer,
        _ edits: [Edit] = [],
        environment: [String: String] = [:],
        restart: (BalancedNode) async throws -> Int
    ) async throws -> ChildProcess {
        let folder = try TemporaryDirectory()
        let ssh = try folder.write(Self.ssh, to: "ssh")
        try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: ssh)
        try FileManager.default.createSymbolicLink(
            atPath: folder.file("nova-federation"),
            withDestinationPath: daemonExecutable()
        )
        let process = try ChildProcess(
            tool(named: "bash", package: "bash"),
            [folder.write(Self.script(nodes, balancer, edits), to: "script")],
            environment: environment.merging(
                ["PATH": "\(folder.path):/usr/sbin:/usr/bin:/sbin:/bin"]
            ) { $1 }
        )
        let request = ssh + ".request"
        try await eventually("the script ends", within: .seconds(60)) {
            if let text = try? String(contentsOfFile: request, encoding: .utf8) {
                try FileManager.default.removeItem(atPath: request)
                let node = nodes.first {
                    text == "\($0.address) systemctl restart nova-federation\n"
                }
                let code = try await restart(#require(node, "\(text)"))
                try folder.replace("ssh.reply", with: "\(code)\n")
            }
            return process.poll() != nil
        }
        _ = try await process.waitForEnd()
        return process
    }

    @Test func `the script restarts all nodes one after the other, and no request fails`()
        async throws
    {
        try await withNodes(["NOVA_FED_DRAIN_SEC": "1"]) { nodes in
            let fast = RollingRestartTests.fiveTimesAsFast
            try await withBalancer(.haproxy, over: nodes, fast) { balancer in
                let tally = try await SteadyLoad.on(port: balancer.port) { load in
                    let result = try await runScript(nodes, balancer) { node in
                        let answers = load.tally.answers
                        try await node.restart()
                        #expect(load.tally.answers > answers + 50, "requests continued")
                        return 0
                    }
                    #expect(result.poll() == .exit(0))
                    #expect(result.output == nodes.map { "\($0.name) has restarted\n" }.joined())
                    #expect(result.log.isEmpty, "\(result.log)")
                }
                #expect(tally.failures == [])
                #expect(tally.nodes == Set(nodes.map(\.name)))
                print("rolling restart by the script: \(tally)")
            }
        }
    }

    @Test func `the script restarts nodes with TLS, with the URL and the environment of the page`()
        async throws
    {
        let (authority, folder) = (try await TestAuthority(), try TemporaryDirectory())
        let names = (1...3).map { "DNS:n\($0).nodes.example,IP:127.0.1.\($0)" }
        let own = try await authority.sign("nodes", names: names.joined(separator: ","))
        let client = try await authority.sign("balancer", names: "DNS:b", purposes: "clientAuth")
        let settings = [
            "NOVA_FED_CA_FILE": authority.certificate,
            "NOVA_FED_TLS_CERT_FILE": own.certificate, "NOVA_FED_TLS_KEY_FILE": own.key,
            "NOVA_FED_CLIENT_CA_FILE": authority.certificate, "NOVA_FED_DRAIN_SEC": "1",
        ]
        try await withNodes(settings) { nodes in
            let secure = try BalancerTLSTests.edits(
                .haproxy,
                nodes,
                ca: authority.certificate,
                client,
                in: folder
            )
            try await withBalancer(.haproxy, over: nodes, secure) { balancer in
                let result = try await runScript(
                    nodes,
                    balancer,
                    [("\"http://$address\"", "\"https://$address\"")],
                    environment: [
                        "NOVA_FED_CA_FILE": authority.certificate,
                        "NOVA_FED_TLS_CERT_FILE": client.certificate,
                        "NOVA_FED_TLS_KEY_FILE": client.key,
                    ]
                ) { node in
                    try await node.restart()
                    return 0
                }
                #expect(result.poll() == .exit(0), "\(result.log)")
                #expect(result.output == nodes.map { "\($0.name) has restarted\n" }.joined())
            }
        }
    }

    @Test func `the script stops at the first failure with its exit code, and names the node`()
        async throws
    {
        let short: [Edit] = [("timeout=60 ", "timeout=1 ")]
        try await withNodes(["NOVA_FED_DRAIN_SEC": "0"]) { nodes in
            let fast = RollingRestartTests.fiveTimesAsFast
            try await withBalancer(.haproxy, over: nodes, fast) { balancer in
                var restarted: [String] = []
                let refused = try await runScript(nodes, balancer, short) { node in
                    restarted.append(node.name)
                    return 255
                }
                #expect(refused.poll() == .exit(255))
                #expect(refused.log == "rolling restart stopped at n1: the restart failed\n")

                let dead = try await runScript(nodes, balancer, short) { node in
                    restarted.append(node.name)
                    node.kill()
                    return 0
                }
                #expect(dead.poll() == .exit(1))
                let lines = dead.log.split(separator: "\n")
                #expect(lines.count == 2)
                #expect(lines.first?.contains("timed out after 1.0 s: no response from") == true)
                #expect(
                    lines.last
                        == """
                        rolling restart stopped at n1: the node is not ready, or has fewer than \
                        2 live peers
                        """
                )

                try await balancer.waitUntil("n1", is: "DOWN", within: .seconds(10))
                let degraded = try await runScript(nodes, balancer, short) { node in
                    restarted.append(node.name)
                    return 0
                }
                #expect(degraded.poll() == .exit(1))
                #expect(degraded.log.contains("n1: HAProxy does not show it as up; nothing was"))
                #expect(restarted == ["n1", "n1"])
            }
        }
    }
}
