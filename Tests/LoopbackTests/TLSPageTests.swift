import Foundation
import Glibc
import TestSupport
import Testing

/// The commands of docs/tls.md, run for three nodes on loopback addresses.
@Suite struct TLSPageTests {
    /// A block of the page.
    private struct Block {
        var kind: Substring
        var text: String
    }

    private let folder: TemporaryDirectory
    private let port: Int
    /// The blocks by the number of their heading.
    private let steps: [Int: [Block]]

    init() throws {
        folder = try TemporaryDirectory()
        port = try freePort()
        let page = try String(contentsOfFile: "\(packageRoot)/docs/tls.md", encoding: .utf8)
        var steps: [Int: [Block]] = [:]
        for part in page.components(separatedBy: "\n## ").dropFirst() {
            guard let number = part.firstMatch(of: /^(\d+)\.\s/).flatMap({ Int($0.output.1) })
            else { continue }
            steps[number] = part.matches(of: /(?s)\n```(sh|env)\n(.*?)\n```/)
                .map { Block(kind: $0.output.1, text: String($0.output.2)) }
        }
        self.steps = steps
        let bin = try folder.folder("bin")
        let program = try daemonExecutable()
        #expect(unsafe symlink(program, "\(bin)/nova-federation") == 0)
    }

    /// The text of a block for one node, with paths and addresses of this test.
    private func adapted(_ text: String, for node: Int = 1) -> String {
        text.replacing("/etc/nova-federation", with: folder.file("n\(node)"))
            .replacing(" --group=nova-federation", with: "").replacing("10.0.0.", with: "127.0.0.")
            .replacing(":8100", with: ":\(port)")
    }

    /// Runs the commands of a step in the folder and returns their output.
    @discardableResult
    private func runCommands(
        _ step: Int,
        block: Int? = nil,
        for node: Int = 1
    ) async throws
        -> String
    {
        let blocks = try #require(steps[step]).filter { $0.kind == "sh" }
        let chosen = block.map { [blocks[$0]] } ?? blocks
        let script = chosen.map { adapted($0.text, for: node) }.joined(separator: "\n")
        let names = node == 1 ? script : script.replacing("n1.", with: "n\(node).")
        let finished = try await run(
            "/bin/bash",
            ["-c", "set -euo pipefail; cd '\(folder.path)'; \(names)"],
            environment: ["PATH": "\(folder.file("bin")):/usr/bin:/bin"]
        )
        guard finished.ending == .exit(0) else {
            throw TestError("Step \(step): \(finished.output)\(finished.log)")
        }
        return finished.output + finished.log
    }

    private func settings(_ step: Int, for node: Int) throws -> String {
        let blocks = try #require(steps[step]).filter { $0.kind == "env" }
        return adapted(blocks.map(\.text).joined(separator: "\n"), for: node) + "\n"
    }

    private func start(_ node: Int) throws -> ChildProcess {
        let own = """
            FEDERATION_ENABLED=1
            NOVA_FED_SYNC_ENABLED=1
            NOVA_ENABLE_PROMETHEUS=1
            NOVA_FED_SYNC_INTERVAL=1
            NOVA_FED_DRAIN_SEC=0
            FEDERATION_BIND=127.0.0.1\(node):\(port)

            """
        let file = "n\(node)/nova-federation.env"
        try folder.overwrite(file, with: own + settings(4, for: node))
        return try ChildProcess(daemonExecutable(), ["serve", "--config", folder.file(file)])
    }

    /// Waits until every node has two live peers, and checks that it sees both as up.
    private func expectAllLive() async throws {
        for node in 1...3 {
            let config = ["--config", folder.file("n\(node)/nova-federation.env")]
            let wait = try await run(daemonExecutable(), ["wait", "--live", "2"] + config)
            #expect(wait.ending == .exit(0), "n\(node): \(wait.log)")
            var expected = ["n1": "up", "n2": "up", "n3": "up"]
            expected["n\(node)"] = "self"
            try await eventually("n\(node) sees the others and itself") {
                let status = try await run(daemonExecutable(), ["status", "--json"] + config)
                return try ServedHealth(Array(status.output.utf8)).states == expected
            }
        }
    }

    /// A page of n1, for a client with the certificate of n2.
    private func page(_ path: String) async throws -> String {
        let finished = try await run(
            tool(named: "curl", package: "curl"),
            [
                "-sSf", "--cacert", folder.file("ca.pem"), "--cert", folder.file("n2.pem"),
                "--key", folder.file("n2.key"), "https://127.0.0.11:\(port)\(path)",
            ]
        )
        #expect(finished.ending == .exit(0), "\(finished.log)")
        return finished.output
    }

    @Test func `the page leads from nothing to a federation with mutual TLS`() async throws {
        _ = try tool(named: "curl", package: "curl")
        #expect(Set(steps.keys) == Set(1...7))
        try await runCommands(1)
        try await runCommands(2)
        for node in 1...3 {
            _ = try folder.folder("n\(node)")
            try await runCommands(3, for: node)
        }
        let nodes = try (1...3).map { try start($0) }
        defer { for node in nodes { node.kill() } }
        for node in nodes { _ = try await node.logLine(containing: "msg=serving") }
        let check = try await runCommands(4)
        #expect(check.contains("NOVA_FED_CLIENT_SANS") && !check.contains("warning:"))
        let look = try await runCommands(5)
        #expect(look.contains("Verification: OK") && look.contains(#""mode":"peer_sync""#))
        #expect(look.contains(#"{"ready":true}"#))

        try await expectAllLive()
        let targets = try await page("/federation/sd")
        #expect(targets.components(separatedBy: #""__scheme__":"https""#).count == 4, "\(targets)")
        let browser = try await page("/peers/n2")
        #expect(browser.contains("https://127.0.0.12:\(port)") && !browser.contains("http://127."))

        // Tokens.
        try await runCommands(6, block: 0)
        let file = folder.file("n1/nova-federation.env")
        let all = try String(contentsOfFile: file, encoding: .utf8) + settings(6, for: 1)
        try folder.overwrite("n1/nova-federation.env", with: all)
        nodes[0].send(SIGHUP)
        _ = try await nodes[0].logLine(containing: "msg=reloaded")
        #expect(try await runCommands(6, block: 1).contains("nova_federation_build_info"))

        // A renewed certificate belongs to the same key.
        let before = nodes[0].log.components(separatedBy: "msg=reloaded").count
        try await runCommands(7)
        await eventually("n1 uses the renewed certificate") {
            nodes[0].log.components(separatedBy: "msg=reloaded").count > before
        }
        #expect(!nodes[0].log.contains("reload failed"))
        #expect(try await runCommands(5).contains("Verification: OK"))
        try await expectAllLive()
    }
}
