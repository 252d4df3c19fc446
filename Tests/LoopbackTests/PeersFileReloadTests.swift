import Foundation
import Glibc
import TestSupport
import Testing

/// A real node whose peers file is written while it runs.
@Suite struct PeersFileReloadTests {
    private let folder: TemporaryDirectory

    init() throws {
        folder = try TemporaryDirectory()
    }

    private static func list(_ names: some Sequence<String>) -> String {
        names.map { "\($0)=http://127.0.0.1:1/\($0)\n" }.joined()
    }

    private func start(_ names: [String], ending: String = "") async throws -> ServedNode {
        try folder.overwrite("peers" + ending, with: Self.list(names))
        return try await ServedNode(
            settings: [
                "NOVA_FED_PEERS": "", "NOVA_FED_PEERS_FILE": folder.file("peers" + ending),
                "NOVA_FED_SYNC_INTERVAL": "30",
            ]
        )
    }

    /// Whether the node reads a changed list within four seconds, while `write` changes it again
    /// and again.
    private func reads(
        _ node: ServedNode,
        pause: Duration,
        _ write: (_ number: Int) throws -> Void
    ) async throws -> Bool {
        let start = ContinuousClock.now
        var number = 0
        while ContinuousClock.now - start < .seconds(4) {
            number += 1
            try write(number)
            try await Task.sleep(for: pause)
            if try await node.health().peers.map(\.id) != ["a"] { return true }
        }
        return false
    }

    @Test func `a peers file that is renamed into place twice a second is read`() async throws {
        let node = try await start(["a"])
        defer { node.process.kill() }
        let isRead = try await reads(node, pause: .milliseconds(500)) { number in
            try folder.replace("peers", with: Self.list(["a", "b\(number)"]))
        }
        #expect(isRead)
        #expect(node.logLines("reload failed").isEmpty)
    }

    @Test func `a peers file that is written in place all the time is read within four seconds`()
        async throws
    {
        let node = try await start(["a"])
        defer { node.process.kill() }
        let file = try unsafe #require(fopen(folder.file("peers"), "a"))
        defer { unsafe fclose(file) }
        let isRead = try await reads(node, pause: .milliseconds(100)) { number in
            unsafe fputs(Self.list(["b\(number)"]), file)
            unsafe fflush(file)
        }
        #expect(isRead)
    }

    @Test
    func `a reload that removes more than half of many peers logs a warning with their number`()
        async throws
    {
        let names = (0..<12).map { "p\($0)" }
        let node = try await start(names)
        defer { node.process.kill() }
        let warning = "removes more than half of the peers"
        for (number, count) in [6, 2, 12, 5].enumerated() {
            #expect(node.logLines(warning).isEmpty)
            try folder.replace("peers", with: Self.list(names[..<count]))
            node.process.send(SIGHUP)
            _ = await node.logLines("msg=reloaded", count: number + 1)
        }
        let lines = node.logLines(warning)
        #expect(lines.count == 1)
        #expect(
            lines.first?.contains("removed=7 ") == true
                || lines.first?.hasSuffix("removed=7") == true
        )
    }

    @Test func `an empty peers file is rejected, and an empty list is accepted`() async throws {
        let node = try await start(["a", "b"])
        defer { node.process.kill() }
        let gauge = "nova_federation_config_last_reload_successful"
        try folder.overwrite("peers", with: "")
        let line = try await node.process.logLine(containing: "write [] if that is intended")
        #expect(line.contains("would remove 2 peers"))
        #expect(try await node.health().peers.map(\.id) == ["a", "b"])
        #expect(try await node.metrics()[gauge] == 0)
        try folder.replace("peers", with: "[]\n")
        try await eventually("the list is empty") { try await node.health().peers.isEmpty }
        #expect(try await node.metrics()[gauge] == 1)
    }
}
