import Glibc
import TestSupport
import Testing

@testable import Daemon
@testable import Host

/// A process that cannot create the threads that it needs.
@Suite struct ThreadLimitTests {
    /// Starts the program as a user with this limit of processes and threads.
    ///
    /// The limit does not apply to root. With another real user id it does, and the program can
    /// still be accessed; in a user namespace the processes outside do not count.
    private func start(threads: Int, _ arguments: [String]) throws -> ChildProcess {
        let limit = try [tool(named: "prlimit", package: "util-linux"), "--nproc=\(threads)"]
        let command = try limit + [daemonExecutable()] + arguments
        let environment = ServedNode.environment(peers: [], port: 0)
        guard geteuid() == 0 else {
            return try ChildProcess(
                tool(named: "unshare", package: "util-linux"),
                ["--user", "--"] + command,
                environment: environment
            )
        }
        // Another user for each process, so that other tests do not count.
        let user = UInt32.random(in: 1_000_000...2_000_000_000)
        return try ChildProcess(
            tool(named: "setpriv", package: "util-linux"),
            ["--ruid", "\(user)", "--clear-groups", "--bounding-set", "-sys_resource,-sys_admin"]
                + command,
            environment: environment
        )
    }

    @Test(arguments: [1, 2, 3, 5, 8, 12])
    func `a node that cannot create its threads exits with 71 and names the limit`(
        threads: Int
    ) async throws {
        let process = try start(threads: threads, ["serve"])
        defer { process.kill() }
        #expect(try await process.waitForEnd(within: .seconds(10)) == .exit(71))
        let message = "needs \(Threads.forServing) threads but can create only \(threads)"
        #expect(process.log.contains(message), "\(process.log)")
        #expect(process.log.contains("RLIMIT_NPROC is \(threads)"), "\(process.log)")
    }

    @Test func `a node that can create exactly its threads serves and stops`() async throws {
        let process = try start(threads: Threads.forServing, ["serve"])
        defer { process.kill() }
        let node = ServedNode(process: process, port: try await ServedNode.port(of: process))
        #expect(try await node.get("/ready").status == 200)
        #expect(try await node.page("/metrics").contains("nova_federation_build_info"))
        process.send(SIGHUP)
        _ = try await process.logLine(containing: "msg=reloaded")
        #expect(try await node.stop() == .exit(0))
    }

    @Test func `pull exits with 71 if it cannot create its threads, and check needs only one`()
        async throws
    {
        let pull = try start(threads: 2, ["pull", "http://127.0.0.1:1"])
        defer { pull.kill() }
        #expect(try await pull.waitForEnd(within: .seconds(10)) == .exit(71))
        #expect(pull.log.contains("RLIMIT_NPROC"))
        let check = try start(threads: 1, ["check"])
        defer { check.kill() }
        #expect(try await check.waitForEnd(within: .seconds(10)) == .exit(0))
    }
}
