import Foundation
import Glibc
import TestSupport
import Testing

@testable import Daemon
@testable import Demo

/// `demo`: five nodes that start and end together.
@Suite struct CommandDemoTests {
    private static func demo(
        _ arguments: [String],
        in directory: TemporaryDirectory
    ) throws -> ChildProcess {
        try ChildProcess(
            try daemonExecutable(),
            ["demo"] + arguments,
            environment: ["TMPDIR": directory.path]
        )
    }

    /// The processes that serve on one of the ports, according to their environment.
    private static func nodes(from port: Int) -> [Int32] {
        let ours = (0..<5).map { "FEDERATION_BIND=127.0.0.1:\(port + $0)\0" }
        let entries = (try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []
        return entries.compactMap { Int32($0) }
            .filter { pid in
                let path = "/proc/\(pid)/environ"
                guard let bytes = FileManager.default.contents(atPath: path) else { return false }
                let text = String(decoding: bytes, as: UTF8.self)
                return ours.contains(where: text.contains)
            }
    }

    /// Kills the demo and all nodes that it left behind.
    private static func end(_ process: ChildProcess, _ port: Int) {
        process.kill()
        for pid in nodes(from: port) { kill(pid, SIGKILL) }
    }

    private static func expectNothingLeft(
        _ port: Int,
        _ directory: TemporaryDirectory
    ) throws {
        #expect(nodes(from: port) == [])
        let files = try FileManager.default.contentsOfDirectory(atPath: directory.path)
        #expect(files == [])
    }

    /// Waits for a table in which each node sees the four others up, and N above 0.
    private static func waitForTable(_ process: ChildProcess) async {
        await eventually("each node sees the others up and N above 0", within: .seconds(30)) {
            let tables = process.output.components(separatedBy: "\n\n")
            return tables.contains { table in
                let rows = table.split(separator: "\n").filter { $0.hasPrefix("demo-") }
                return rows.count == 5
                    && rows.allSatisfy { row in
                        let cells = row.split(separator: /\s{2,}/)
                        let qualities = row.matches(of: /up (\d\.\d+)/)
                            .compactMap { Double($0.output.1) }
                        return cells.count == 12 && cells[4] == "4" && (Double(cells[5]) ?? 0) > 0
                            && qualities.count == 4 && qualities.allSatisfy { $0 > 0 }
                    }
            }
        }
    }

    @Test func `demo shows five nodes that see each other, and leaves nothing behind`()
        async throws
    {
        let directory = try TemporaryDirectory()
        let port = try freePorts(inARow: 5)
        let process = try Self.demo(["--seconds", "6", "--port", "\(port)"], in: directory)
        defer { Self.end(process, port) }
        await Self.waitForTable(process)
        #expect(Self.nodes(from: port).count == 5)
        #expect(try await process.waitForEnd() == .exit(0), "\(process.log)")
        #expect(process.log == "")
        try Self.expectNothingLeft(port, directory)
    }

    @Test(arguments: [SIGINT, SIGTERM, SIGHUP])
    func `a signal ends demo and its nodes`(signal: Int32) async throws {
        let directory = try TemporaryDirectory()
        let port = try freePorts(inARow: 5)
        let process = try Self.demo(["--port", "\(port)"], in: directory)
        defer { Self.end(process, port) }
        await eventually("five nodes run", within: .seconds(20)) {
            Self.nodes(from: port).count == 5
        }
        process.send(signal)
        #expect(try await process.waitForEnd() == .exit(0), "\(process.log)")
        try Self.expectNothingLeft(port, directory)
    }

    @Test func `demo names a port that is in use, and leaves nothing behind`() async throws {
        let directory = try TemporaryDirectory()
        let port = try freePorts(inARow: 5)
        let taken = try Socket.listening(on: "127.0.0.1", port: port + 2)
        defer { taken.close() }
        let process = try Self.demo(["--port", "\(port)"], in: directory)
        defer { Self.end(process, port) }
        #expect(try await process.waitForEnd() == .exit(71))
        #expect(process.log.contains("demo: port \(port + 2) is in use"), "\(process.log)")
        #expect(process.log.contains("--port"))
        try Self.expectNothingLeft(port, directory)
    }

    @Test func `each demo has a directory of its own that only its user can enter`() throws {
        let demos = try [DemoNode.five(firstPort: 1), DemoNode.five(firstPort: 1)]
        defer { for nodes in demos { DemoNode.removeFiles(of: nodes) } }
        let directories = demos.map { Set($0.map(\.directory)) }
        #expect(directories.allSatisfy { $0.count == 1 })
        #expect(directories[0].isDisjoint(with: directories[1]))
        for directory in directories.joined() {
            let facts = try FileManager.default.attributesOfItem(atPath: directory)
            #expect(facts[.posixPermissions] as? Int == 0o700)
            let files = try FileManager.default.contentsOfDirectory(atPath: directory)
            #expect(Set(files) == ["demo-4.json", "demo-5.json"])
        }
    }
}
