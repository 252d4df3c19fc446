import Foundation
import Glibc
import TestSupport
import Testing

/// Passwords, tokens and keys in settings, in the environment and in responses of peers.
///
/// Each contains `zz`, which nothing else does. Valid settings cannot contain a secret: user
/// information, query and fragment of a URL are refused.
@Suite struct SecretTests {
    /// Secrets of other programs, which a node ignores.
    private static let environment = [
        "DATABASE_URL": "postgres://user:zz@db/nova", "NOVA_API_TOKEN": "zz",
        "NOVA_FED_PASSWORD": "zz", "http_proxy": "http://user:zz@127.0.0.1:9",
        "ALL_PROXY": "http://user:zz@127.0.0.1:9",
    ]

    private static let foreign = """
        SECRET_KEY=zz
        NOVA_FED_API_TOKEN=zz
        zz is no assignment
        PRIVATE_KEY="-----BEGIN PRIVATE KEY-----
        NOVA_FED_DRAIN_SEC=zz
        -----END PRIVATE KEY-----"

        """

    /// Settings with secrets, which are refused; `$` is the folder of the peers files.
    private static let refused = [
        """
        NOVA_FED_PEERS=http://user:zz@a,http://user:zz,z/zz@b,d#zz,zz@e,http://c:80/p?token=zz
        NOVA_FED_PEERS_FILE=$/peers.txt
        NOVA_FED_LOCAL_SOURCE=http://user:zz@h
        FEDERATION_BIND=user:zz@h:8100
        """,
        """
        NOVA_FED_PEERS=http://a?zz,x=http://user:zz%40h,http://user:zz
        NOVA_FED_PEERS_FILE=$/peers.json
        NOVA_FED_LOCAL_SOURCE=http://h/p?token=zz
        NOVA_NODE_ID="zz
        """,
        """
        NOVA_FED_PEERS=http://user:zz,zz%40h
        NOVA_FED_PEERS_FILE=$/ports.txt
        NOVA_FED_LOCAL_SOURCE=http://user:zz%40h
        """,
        """
        NOVA_FED_PEERS=http://user:zz/zz
        NOVA_FED_PEERS_FILE=$/ports.json
        NOVA_FED_LOCAL_SOURCE=http://user:zz
        """,
    ]

    /// The pages of a node, what commands print about it, and its log.
    private static func texts(
        _ node: ServedNode,
        _ folder: TemporaryDirectory,
        _ environment: [String: String],
        bundle: String
    ) async throws -> [String: String] {
        var texts = ["log": node.process.log]
        for path in [
            "/federation/settings", "/federation/health", "/federation/events",
            "/federation/wisdom", "/federation/sd", "/federation/sync/summary", "/metrics",
        ] { texts[path] = try await node.page(path) }
        for command in [
            ["bundle", bundle, "--url", node.url], ["status", "--url", node.url],
            ["why", "sso", "--url", node.url], ["events", "--url", node.url],
            ["check", "--against", node.url, "--config", folder.file("nova.env")],
            ["check", "--config", folder.file("nova.env")],
        ] {
            let finished = try await run(daemonExecutable(), command, environment: environment)
            texts["\(command)"] = finished.output + finished.log
        }
        texts["bundle"] = try String(contentsOfFile: bundle, encoding: .utf8)
        return texts
    }

    @Test func `no page, log line, event or bundle contains a secret of the settings`()
        async throws
    {
        let folder = try TemporaryDirectory()
        let peers = try [
            "sso": ScriptedPeer(
                .answer(response(302, headers: ["Location: http://sso/?token=zz"], body: "zz"))
            ),
            "closed": ScriptedPeer(
                .answer(response(401, headers: ["WWW-Authenticate: Basic realm=zz"], body: "zz"))
            ),
            "html": ScriptedPeer(.answer(response(200, body: "<zz>"))),
        ]
        let list = peers.map { "\($0)=\($1.url)" }.joined(separator: ",")
        let good = "FEDERATION_BIND=127.0.0.1:0\nNOVA_FED_PEERS=\(list)\n\(Self.foreign)"
        let file = try folder.write(good, to: "nova.env")
        _ = try folder.write("http://user:zz@h\nh:80?zz\nzz@h\n", to: "peers.txt")
        _ = try folder.write(
            #"[{"targets":["user:zz@h:80","h:80?zz"]},"#
                + #"{"targets":["user:zz@h:80"],"labels":{"__scheme__":"user:zz@h"}}]"#,
            to: "peers.json"
        )
        _ = try folder.write("x=http://user:zz%40h\nhttp://user:zz\nu:zz%40h\n", to: "ports.txt")
        _ = try folder.write(
            #"[{"targets":["user:zz%40h","user:zz"]},{"targets":["user:zz"]}]"#,
            to: "ports.json"
        )
        var environment = ServedNode.environment(peers: [], port: 0)
            .merging(Self.environment) { $1 }
        environment["FEDERATION_BIND"] = nil
        environment["NOVA_FED_SYNC_INTERVAL"] = "1"
        let process = try ChildProcess(
            daemonExecutable(),
            ["serve", "--config", file],
            environment: environment
        )
        defer { process.kill() }
        let node = ServedNode(process: process, port: try await ServedNode.port(of: process))
        _ = try await node.events("kind=peer_down", count: peers.count)
        let bundle = folder.file("bundle")
        let before = try await Self.texts(node, folder, environment, bundle: bundle)
        for (number, settings) in Self.refused.enumerated() {
            try folder.replace(
                "nova.env",
                with: settings.replacing("$", with: folder.path) + "\n" + Self.foreign
            )
            process.send(SIGHUP)
            _ = try await node.events("kind=reload_failed", count: number + 1)
        }
        let details = try await node.events("kind=reload_failed").events.compactMap(\.detail)
        for key in ["NOVA_FED_PEERS", "NOVA_FED_PEERS_FILE", "NOVA_FED_LOCAL_SOURCE"] {
            #expect(details.allSatisfy { $0.contains(": \(key)='") }, "\(key)\n\(details)")
        }
        let after = try await Self.texts(node, folder, environment, bundle: bundle + "2")
        let texts = before.map { $0 } + after.map { ("later \($0)", $1) }
        for (source, text) in texts {
            let lines = text.split(separator: "\n").filter { $0.contains("zz") }
            #expect(!text.isEmpty && lines.isEmpty, "\(source): \(lines)")
        }
        let masked = try #require(after["bundle"])
        #expect(masked.contains("http://***@a") && masked.contains("http://c:80/p?***"))
    }
}
