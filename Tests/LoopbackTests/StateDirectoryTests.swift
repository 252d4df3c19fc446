import Foundation
import Glibc
import TestSupport
import Testing

/// State directories and disks that cannot be used, and files that are damaged meanwhile.
@Suite struct StateDirectoryTests {
    private static let peers = ["gone=http://127.0.0.1:9"]

    /// Runs a script that starts a node with the directory as `$1` and the program as `$2`.
    private static func start(
        _ script: String,
        in directory: String,
        port: Int,
        settings: [String: String] = [:]
    ) throws -> ChildProcess {
        try MountNamespace.start(
            script,
            [directory, daemonExecutable()],
            environment: ServedNode.environment(peers: peers, port: port)
                .merging(["NOVA_FED_STATE_DIR": directory]) { $1 }
                .merging(settings) { $1 }
        )
    }

    private static func names(in directory: String) throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: directory).sorted()
    }

    /// Checks that a node which finds its id there ends, and that it changes nothing.
    private static func expectEnd(
        _ script: String,
        _ cause: String
    ) async throws {
        let directory = try TemporaryDirectory()
        _ = try directory.write("n1\n", to: "node-id")
        let process = try start(script, in: directory.path, port: try freePort())
        defer { process.kill() }
        #expect(try await process.waitForEnd() == .exit(74))
        let line = process.log.split(separator: "\n").first { $0.contains("cannot be written") }
        #expect(line?.contains("\(directory.path)/state.lock") == true, "\(process.log)")
        #expect(line?.contains(cause) == true, "\(process.log)")
        #expect(line?.contains("it must belong to the user of this process") == true)
        #expect(try names(in: directory.path) == ["node-id"])
    }

    @Test func `a read-only directory with a node id ends a start with 74 and the cause`()
        async throws
    {
        try await Self.expectEnd(
            """
            mount --bind "$1" "$1"
            mount -o remount,ro,bind "$1"
            exec "$2" serve
            """,
            "Read-only file system"
        )
    }

    /// The program gets a path that every user can reach.
    @Test(.enabled(if: geteuid() == 0, "only root can start a process of another user"))
    func `a directory of another user with a node id ends a start with 74 and the cause`()
        async throws
    {
        _ = try tool(named: "setpriv", package: "util-linux")
        try await Self.expectEnd(
            """
            mount -t tmpfs -o size=4k,mode=0755 none /mnt
            touch /mnt/program
            mount --bind "$2" /mnt/program
            exec setpriv --reuid=65534 --regid=65534 --clear-groups /mnt/program serve
            """,
            "Permission denied"
        )
    }

    /// What a disk has no room for.
    enum Room: String, CaseIterable {
        /// The file of the state; there is none yet.
        case newState
        /// The files that SQLite creates beside the state of an earlier run.
        case log
        /// The lock.
        case lock

        /// Mounts a disk at `$1` and fills it.
        var script: String {
            switch self {
            case .newState, .log:
                """
                mount -t tmpfs -o size=512k none "$1"
                cp "$1/../kept/state.db" "$1/" 2>/dev/null || true
                head -c 1m /dev/zero >"$1/filler" 2>/dev/null || true
                """
            case .lock:
                """
                mount -t tmpfs -o size=512k,nr_inodes=20 none "$1"
                mkdir "$1/filler"
                (i=0; while i=$((i + 1)) && >"$1/filler/$i"; do :; done) 2>/dev/null || true
                if touch "$1/state.lock" 2>/dev/null; then exit 1; fi
                """
            }
        }
    }

    @Test(arguments: Room.allCases)
    func `a node that starts on a full disk runs, and saves when there is space`(
        for missing: Room
    ) async throws {
        let hasState = missing == .log
        let folder = try TemporaryDirectory()
        let (disk, kept) = (try folder.folder("disk"), try folder.folder("kept"))
        let settings = ["NOVA_NODE_ID": "n1", "NOVA_FED_SYNC_INTERVAL": "1"]
        if hasState {
            let before = try await ServedNode(
                peers: Self.peers,
                settings: settings.merging(["NOVA_FED_STATE_DIR": kept]) { $1 }
            )
            defer { before.process.kill() }
            _ = try await before.events("kind=peer_down", count: 1)
            #expect(try await before.stop() == .exit(0))
        }
        let port = try freePort()
        let process = try Self.start(
            missing.script + "\nexec \"$2\" serve",
            in: disk,
            port: port,
            settings: settings
        )
        defer { process.kill() }
        let node = ServedNode(process: process, port: port)
        await eventually("it serves", within: .seconds(30)) {
            (try? await node.get("/ready").status) == 200
        }
        let seen = "/proc/\(process.pid)/root\(disk)"
        let isOK = "nova_federation_state_ok"
        let opened = node.logLines("the state cannot be opened")
        #expect(opened.count == 1)
        #expect(opened.first?.contains("running with the saved state") == hasState)
        // Each reload is an event, which it tries to save.
        for _ in 0..<5 {
            let reloads = try await node.events("kind=reload").events.count
            process.send(SIGHUP)
            _ = try await node.events("kind=reload", count: reloads + 1)
            #expect(try await node.metrics()[isOK] == 0)
        }
        #expect(try await node.get("/federation/sync/summary").status == 200)
        let names = try Self.names(in: seen)
        #expect(names.contains("state.db") == hasState)
        #expect(names.allSatisfy { !$0.contains("corrupt") && !$0.hasSuffix(".new") })

        try FileManager.default.removeItem(atPath: seen + "/filler")
        await eventually("it is saved", within: .seconds(30)) {
            process.send(SIGHUP)
            return (try? await node.metrics())?[isOK] == 1
        }
        #expect(try Self.names(in: seen).contains("state.db"))
        #expect(try Self.names(in: seen).allSatisfy { !$0.contains("corrupt") })
        try await eventually("it has pulled") { try await node.metrics().pulls("error") >= 2 }
        let events = try await node.events().events
        #expect(Set(events.map(\.id)).count == events.count)
        #expect(events.filter { $0.kind == "start" }.count == (hasState ? 2 : 1))
        // It knows from the saved state that the peer was reported as down.
        #expect(events.filter { $0.kind == "peer_down" }.count == 1)
        #expect(events.filter { $0.kind == "state_reset" }.isEmpty)
        #expect(try await node.metrics()["nova_federation_events_dropped_total"] == 0)
        #expect(try await node.stop() == .exit(0))
    }

    /// The file has more pages than events of one second write again.
    @Test
    func `a file that is damaged while the node runs is set aside once, and the node goes on`()
        async throws
    {
        let directory = try TemporaryDirectory()
        let peers = (0..<600).map { "p\($0)=http://127.4.\($0 / 250).\($0 % 250 + 1):9" }
        let settings = [
            "NOVA_FED_STATE_DIR": directory.path, "NOVA_NODE_ID": "n1",
            "NOVA_FED_SYNC_INTERVAL": "2",
        ]
        let first = try await ServedNode(peers: peers, settings: settings)
        defer { first.process.kill() }
        _ = try await first.events("kind=peer_down&limit=1000", count: 600)
        #expect(try await first.stop() == .exit(0))
        let node = try await ServedNode(peers: peers, settings: settings)
        defer { node.process.kill() }

        let path = directory.file("state.db")
        let descriptor = unsafe open(path, O_WRONLY)
        try #require(descriptor >= 0)
        let zeros = [UInt8](repeating: 0, count: Int(lseek(descriptor, 0, SEEK_END)) - 4_096)
        #expect(zeros.count > 20 * 4_096)
        #expect(unsafe pwrite(descriptor, zeros, zeros.count, 4_096) == zeros.count)
        close(descriptor)

        // A query finds the damage, and the next save sets the file aside.
        #expect(try await node.get("/federation/events?limit=1000").status == 503)
        for _ in 0..<3 {
            node.process.send(SIGHUP)
            let isReset = await becomesTrue(within: .seconds(5)) {
                !node.logLines("the state file was damaged").isEmpty
            }
            if isReset { break }
        }
        let reset = try await node.events("kind=state_reset", count: 1)
        try #require(reset.count == 1)
        #expect(reset[0].detail?.contains("state.db.corrupt-") == true)
        let isOK = "nova_federation_state_ok"
        await eventually("it is saved again") { (try? await node.metrics())?[isOK] == 1 }
        for _ in 0..<3 {
            let reloads = try await node.events("kind=reload").events.count
            node.process.send(SIGHUP)
            _ = try await node.events("kind=reload", count: reloads + 1)
        }
        #expect(try await node.events("kind=state_reset").events == reset)
        #expect(node.logLines("the state file was damaged").count == 1)
        #expect(try Self.names(in: directory.path).filter { $0.contains("corrupt") }.count >= 1)
        #expect(try await node.health().peers.count == 600)
        #expect(try await node.get("/federation/sync/summary").status == 200)
        #expect(try await node.stop() == .exit(0))

        let third = try await ServedNode(peers: peers, settings: settings)
        defer { third.process.kill() }
        #expect(third.logLines("damaged").isEmpty)
        #expect(try await third.events("kind=state_reset").events == reset)
        #expect(try await third.health().states.values.allSatisfy { $0 == "down" })
        #expect(try await third.stop() == .exit(0))
    }
}
