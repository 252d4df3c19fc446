import Foundation
import Glibc
import TestSupport
import Testing

/// State directories that cannot be used, and disks that fail.
@Suite struct StateTests {
    /// Runs a node that must exit by itself, and returns its exit status and log.
    private static func ended(_ directory: String) async throws -> (ChildProcess.Ending, String) {
        let process = try ChildProcess(
            daemonExecutable(),
            ["serve"],
            environment: ServedNode.environment(peers: [], port: try freePort())
                .merging(["NOVA_FED_STATE_DIR": directory, "NOVA_NODE_ID": "n1"]) { $1 }
        )
        defer { process.kill() }
        return (try await process.waitForEnd(), process.log)
    }

    /// A directory in which a node has saved its state.
    private static func saved() async throws -> TemporaryDirectory {
        let directory = try TemporaryDirectory()
        let node = try await ServedNode(
            peers: ["gone=http://127.0.0.1:9"],
            settings: ["NOVA_FED_STATE_DIR": directory.path, "NOVA_NODE_ID": "n1"]
        )
        defer { node.process.kill() }
        _ = try await node.events("kind=peer_down", count: 1)
        #expect(try await node.stop() == .exit(0))
        return directory
    }

    /// Starts a node in a directory, and returns its events.
    private static func events(in directory: String) async throws -> (ServedNode, [ServedEvent]) {
        let node = try await ServedNode(
            peers: ["gone=http://127.0.0.1:9"],
            settings: ["NOVA_FED_STATE_DIR": directory, "NOVA_NODE_ID": "n1"]
        )
        return (node, try await node.events("kind=peer_down", count: 1))
    }

    @Test func `a second process in a state directory exits with 74 and names the first`()
        async throws
    {
        let directory = try TemporaryDirectory()
        let first = try await ServedNode(settings: ["NOVA_FED_STATE_DIR": directory.path])
        defer { first.process.kill() }
        let (ending, log) = try await Self.ended(directory.path)
        #expect(ending == .exit(74))
        #expect(log.contains("in use by process \(first.process.pid);"))
        // The first one still works.
        #expect(try await first.get("/ready").status == 200)
        #expect(try await first.stop() == .exit(0))
        let (node, _) = try await Self.events(in: directory.path)
        #expect(try await node.stop() == .exit(0))
    }

    enum Damage: String, CaseIterable {
        case empty, torn, noDatabase

        func apply(to path: String) throws {
            let url = URL(fileURLWithPath: path)
            switch self {
            case .empty: try Data().write(to: url)
            case .torn: try Data(contentsOf: url).dropLast(6_000).write(to: url)
            case .noDatabase: try Data("no database\n".utf8).write(to: url)
            }
        }
    }

    @Test(arguments: Damage.allCases)
    func `a damaged state file is kept under another name, and the node starts without it`(
        _ damage: Damage
    ) async throws {
        let directory = try await Self.saved()
        try damage.apply(to: directory.file("state.db"))
        let (node, events) = try await Self.events(in: directory.path)
        defer { node.process.kill() }
        #expect(events.count == 1)
        let reset = try await node.events("kind=state_reset").events
        try #require(reset.count == 1)
        #expect(reset[0].detail?.contains("state.db.corrupt-") == true)
        let lines = node.logLines("the state file was damaged")
        #expect(lines.map { $0.field("event") } == ["\(reset[0].id)"])
        let names = try FileManager.default.contentsOfDirectory(atPath: directory.path)
        #expect(
            names.filter { $0.hasPrefix("state.db.corrupt-") && !$0.hasSuffix("-wal") }.count == 1
        )
        #expect(try await node.metrics()["nova_federation_state_ok"] == 1)
        #expect(try await node.stop() == .exit(0))
    }

    @Test func `a state file of a later version prevents startup with 74, and is left as it is`()
        async throws
    {
        let directory = try await Self.saved()
        let path = directory.file("state.db")
        var bytes = try Data(contentsOf: URL(fileURLWithPath: path))
        // user_version, big-endian, at offset 60 of the file format.
        bytes[63] = 9
        try bytes.write(to: URL(fileURLWithPath: path))
        let (ending, log) = try await Self.ended(directory.path)
        #expect(ending == .exit(74))
        #expect(log.contains("schema 9; this one knows 1"))
        #expect(try Data(contentsOf: URL(fileURLWithPath: path)) == bytes)
    }

    @Test func `a state directory that is a file or does not exist prevents startup with 74`()
        async throws
    {
        let directory = try TemporaryDirectory()
        let file = try directory.write("", to: "file")
        for path in [file, directory.file("missing")] {
            let (ending, log) = try await Self.ended(path)
            #expect(ending == .exit(74))
            #expect(log.contains(path))
            #expect(log.contains("cannot be written"))
        }
    }

    @Test func `a state file that is deleted while the node runs is written again`() async throws {
        let directory = try TemporaryDirectory()
        let (node, _) = try await Self.events(in: directory.path)
        defer { node.process.kill() }
        for name in ["state.db", "state.db-wal", "state.db-shm"] {
            try? FileManager.default.removeItem(atPath: directory.file(name))
        }
        await eventually("there is a file again", within: .seconds(30)) {
            node.process.send(SIGHUP)
            return FileManager.default.fileExists(atPath: directory.file("state.db"))
        }
        #expect(node.logLines("the state cannot be saved").count == 1)
        #expect(try await node.stop() == .exit(0))
        let again = try await ServedNode(
            peers: ["gone=http://127.0.0.1:9"],
            settings: ["NOVA_FED_STATE_DIR": directory.path, "NOVA_NODE_ID": "n1"]
        )
        defer { again.process.kill() }
        // The events since then are there, and so is the state of the peer.
        #expect(try await again.events("kind=reload").events.isEmpty == false)
        #expect(try await again.health().peers.first?.samples ?? 0 > 0)
    }

    /// Mounts a disk at its first argument, lets a node start there, and fills the disk.
    private static let script = """
        mount -t tmpfs -o size=512k none "$1"
        exec "$2" serve
        """

    @Test func `a full disk stops neither pulls nor pages, and waiting events are saved later`()
        async throws
    {
        let folder = try TemporaryDirectory()
        let disk = try folder.folder("disk")
        let port = try freePort()
        let process = try MountNamespace.start(
            Self.script,
            [disk, daemonExecutable()],
            environment: ServedNode.environment(peers: ["gone=http://127.0.0.1:9"], port: port)
                .merging(["NOVA_FED_STATE_DIR": disk, "NOVA_NODE_ID": "n1"]) { $1 }
        )
        defer { process.kill() }
        let node = ServedNode(process: process, port: port)
        await eventually("it serves", within: .seconds(30)) {
            (try? await node.get("/ready").status) == 200
        }
        _ = try await node.events("kind=peer_down", count: 1)
        let seen = "/proc/\(process.pid)/root\(disk)"
        let filler = seen + "/filler"
        let descriptor = unsafe open(filler, O_WRONLY | O_CREAT, 0o600)
        try #require(descriptor >= 0)
        let block = [UInt8](repeating: 1, count: 1_024)
        while unsafe write(descriptor, block, block.count) > 0 {}
        close(descriptor)
        // Each reload is an event.
        let isOK = "nova_federation_state_ok"
        await eventually("a save fails", within: .seconds(30)) {
            process.send(SIGHUP)
            return (try? await node.metrics())?[isOK] == 0
        }
        #expect(node.logLines("the state cannot be saved").count == 1)
        #expect(try await node.get("/federation/sync/summary").status == 200)
        let waiting = try await node.events("kind=reload").events.count
        #expect(waiting > 0)
        try FileManager.default.removeItem(atPath: filler)
        await eventually("it is saved again", within: .seconds(30)) {
            process.send(SIGHUP)
            return (try? await node.metrics())?[isOK] == 1
        }
        #expect(try await node.metrics()["nova_federation_events_dropped_total"] == 0)
        #expect(try await node.events("kind=reload").events.count > waiting)
        #expect(try await node.stop() == .exit(0))
    }

    @Test func `a node that is killed at any moment opens its state again, with its id`()
        async throws
    {
        // STATE_KILLS sets the number of rounds.
        let rounds = ProcessInfo.processInfo.environment["STATE_KILLS"].flatMap(Int.init) ?? 100
        let directory = try TemporaryDirectory()
        let peer = try await ServedNode(peers: [])
        defer { peer.process.kill() }
        // Each round has events to save from the start.
        let peers = ["good=\(peer.url)"] + (1...50).map { "p\($0)=http://127.0.0.1:\($0)" }
        let settings = [
            "NOVA_FED_STATE_DIR": directory.path, "NOVA_FED_SYNC_INTERVAL": "0.1",
            "NOVA_FED_WINDOW_SEC": "300",
        ]
        var generator = SeededGenerator(seed: 14)
        var nodeID: String?
        for round in 0..<rounds {
            let node = try await ServedNode(peers: peers, settings: settings)
            let id = try await node.summary().nodeId
            #expect(nodeID == nil || id == nodeID)
            nodeID = id
            if round > 0 {
                let good = try await node.health().peers.first { $0.id == "good" }
                #expect(good?.samples ?? 0 > 0, "round \(round)")
            }
            #expect(node.logLines("damaged").isEmpty, "round \(round)")
            if round == 0 {
                await eventually("something was pulled") {
                    (try? await node.health())?.peers.first { $0.id == "good" }?.samples ?? 0 > 2
                }
                #expect(try await node.stop() == .exit(0))
                continue
            }
            // While it runs, or while it saves everything at its end.
            let isStopping = generator.next() % 2 == 0
            if isStopping { node.process.send(SIGTERM) }
            let microseconds = generator.next() % (isStopping ? 30_000 : 300_000)
            try await Task.sleep(for: .microseconds(Int(microseconds)))
            node.process.kill()
        }
    }
}
