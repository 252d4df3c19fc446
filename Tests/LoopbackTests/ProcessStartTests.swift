import Foundation
import Glibc
import TestSupport
import Testing

/// What a process does before main, and startups in unusual environments.
@Suite struct ProcessStartTests {
    /// Hides /proc and runs the program with the arguments that follow.
    private static let withoutProc = #"mount -t tmpfs none /proc; exec "$@""#

    private func environment(port: Int = 0) -> [String: String] {
        ServedNode.environment(peers: [], port: port)
    }

    /// Waits, without a pause, until a process catches SIGHUP.
    private func waitForCaughtHangUp(_ process: ChildProcess) throws {
        let deadline = ContinuousClock.now + .seconds(10)
        while ContinuousClock.now < deadline {
            let status = try? String(contentsOfFile: "/proc/\(process.pid)/status", encoding: .utf8)
            let line = status?.split(separator: "\n").first { $0.hasPrefix("SigCgt:") }
            let mask = line?.split(separator: "\t").last.flatMap { UInt64($0, radix: 16) } ?? 0
            if mask & 1 << UInt64(SIGHUP - 1) != 0 { return }
        }
        throw TestError("The process did not catch SIGHUP. The log:\n\(process.log)")
    }

    @Test func `SIGHUP at any moment of startup causes a reload and does not end the node`()
        async throws
    {
        let folder = try TemporaryDirectory()
        let peers = (0..<3_000).map { "http://127.3.\($0 / 250).\($0 % 250):9" }
        try folder.replace("peers", with: peers.joined(separator: "\n"))
        let settings = ["NOVA_FED_PEERS_FILE": folder.file("peers"), "NOVA_FED_SYNC_ENABLED": "0"]
        for milliseconds in [0, 10, 50, 100, 200] {
            let process = try ChildProcess(
                daemonExecutable(),
                ["serve"],
                environment: environment().merging(settings) { $1 }
            )
            defer { process.kill() }
            try waitForCaughtHangUp(process)
            usleep(UInt32(milliseconds) * 1_000)
            process.send(SIGHUP)
            _ = try await process.logLine(containing: "msg=reloaded")
            process.send(SIGTERM)
            #expect(try await process.waitForEnd() == .exit(0), "\(process.log)")
        }
    }

    @Test func `SIGHUP during the constructors of libraries does not end the node`() async throws {
        let folder = try TemporaryDirectory()
        let source = try folder.write(
            """
            #include <signal.h>
            __attribute__((constructor)) static void hang_up(void) { raise(SIGHUP); }
            """,
            to: "constructor.c"
        )
        let library = folder.file("constructor.so")
        let compiler = try tool(named: "cc", package: "gcc")
        let compiled = try await run(compiler, ["-shared", "-fPIC", "-o", library, source])
        try #require(compiled.ending == .exit(0), "\(compiled.log)")
        let process = try ChildProcess(
            daemonExecutable(),
            ["serve"],
            environment: environment().merging(["LD_PRELOAD": library]) { $1 }
        )
        defer { process.kill() }
        _ = try await process.logLine(containing: "msg=reloaded")
        process.send(SIGTERM)
        #expect(try await process.waitForEnd() == .exit(0), "\(process.log)")
    }

    @Test func `a command that does not handle SIGHUP is ended by it`() async throws {
        let silent = try ScriptedPeer(.silence)
        defer { silent.stop() }
        let process = try ChildProcess(
            daemonExecutable(),
            ["pull", silent.url],
            environment: ["NOVA_FED_SYNC_TIMEOUT": "20"]
        )
        defer { process.kill() }
        await eventually("it pulls") { !silent.requests.isEmpty }
        process.send(SIGHUP)
        #expect(try await process.waitForEnd() == .signal(SIGHUP))
    }

    @Test func `a standard error without a reader does not end a node`() async throws {
        let folder = try TemporaryDirectory()
        let port = try freePort()
        // A pipe that had a reader when it was opened.
        let process = try ChildProcess(
            "/bin/sh",
            [
                "-c", #"mkfifo "$1"; : <"$1" & exec 2>"$1"; wait; exec "$2" serve"#, "sh",
                folder.file("pipe"), daemonExecutable(),
            ],
            // The node writes a warning: its id is not stored.
            environment: environment(port: port)
        )
        defer { process.kill() }
        await eventually("it serves") {
            // Refused until it listens.
            (try? await HTTPProbe(port: port).get("/ready"))?.status == 200
        }
        process.send(SIGTERM)
        #expect(try await process.waitForEnd() == .exit(0))
    }

    @Test func `a log beyond the file size limit does not end a node`() async throws {
        let folder = try TemporaryDirectory()
        let port = try freePort()
        let process = try ChildProcess(
            "/bin/sh",
            ["-c", #"ulimit -f 0; exec "$2" serve 2>"$1""#, "sh", folder.file("log")]
                + [daemonExecutable()],
            environment: environment(port: port)
        )
        defer { process.kill() }
        await eventually("it serves") {
            (try? await HTTPProbe(port: port).get("/ready"))?.status == 200
        }
        process.send(SIGTERM)
        #expect(try await process.waitForEnd() == .exit(0))
    }

    @Test func `the commands run without /proc`() async throws {
        let program = try daemonExecutable()
        let good = try ScriptedPeer(.summary(nodeID: "node-good"))
        defer { good.stop() }
        for (arguments, status, part) in [
            (["version"], 0, "nova-federation "), (["check"], 0, "FEDERATION_ENABLED"),
            (["pull", good.url], 0, "node-good"), (["dance"], 64, "dance"),
            (["check", "--help"], 0, "SETTINGS"), ([], 0, "SUBCOMMANDS"),
        ] {
            let process = try MountNamespace.start(Self.withoutProc, [program] + arguments)
            defer { process.kill() }
            let ending = try await process.waitForEnd()
            #expect(ending == .exit(Int32(status)), "\(arguments): \(process.log)")
            #expect((process.output + process.log).contains(part), "\(arguments)")
        }
    }

    @Test func `a node serves without /proc`() async throws {
        // Dispatch reads /proc only if its workers are busy at the wrong moment.
        for _ in 0..<12 {
            let process = try MountNamespace.start(
                Self.withoutProc,
                [daemonExecutable(), "serve"],
                environment: environment()
            )
            defer { process.kill() }
            let node = ServedNode(process: process, port: try await ServedNode.port(of: process))
            let metrics = try await node.page("/metrics")
            #expect(metrics.contains("\nprocess_cpu_seconds_total "))
            #expect(!metrics.contains("\nprocess_resident_memory_bytes "))
            process.send(SIGHUP)
            _ = try await process.logLine(containing: "msg=reloaded")
            #expect(try await node.stop() == .exit(0), "\(process.log)")
        }
    }

    @Test func `the demo runs without /proc`() async throws {
        let port = try freePorts(inARow: 5)
        let process = try MountNamespace.start(
            Self.withoutProc,
            [daemonExecutable(), "demo", "--seconds", "20", "--port", "\(port)"]
        )
        defer { process.kill() }
        await eventually("its nodes see each other", within: .seconds(15)) {
            process.output.contains("demo-1") && process.output.contains("up ")
        }
        process.send(SIGTERM)
        #expect(try await process.waitForEnd() == .exit(0), "\(process.log)")
    }

    @Test func `closed standard streams are replaced by /dev/null`()
        async throws
    {
        let port = try freePort()
        let process = try ChildProcess(
            "/bin/sh",
            ["-c", #"exec 0<&- 1>&- 2>&-; exec "$1" serve"#, "sh", daemonExecutable()],
            environment: environment(port: port)
        )
        defer { process.kill() }
        await eventually("it serves") {
            (try? await HTTPProbe(port: port).get("/ready"))?.status == 200
        }
        for stream in 0...2 {
            let link = "/proc/\(process.pid)/fd/\(stream)"
            let target = try FileManager.default.destinationOfSymbolicLink(atPath: link)
            #expect(target == "/dev/null", "\(stream)")
        }
        process.send(SIGTERM)
        #expect(try await process.waitForEnd() == .exit(0))
    }

    @Test func `a command whose standard output is closed exits with 74`() async throws {
        let script = #"exec 0<&- 1>&-; exec "$1" version"#
        let finished = try await run("/bin/sh", ["-c", script, "sh", daemonExecutable()])
        #expect(finished.ending == .exit(74))
        #expect(finished.log.contains("cannot write standard output"))
    }
}
