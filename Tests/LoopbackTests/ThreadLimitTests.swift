import Glibc
import TestSupport
import Testing

@testable import Daemon
@testable import Host

/// A process that cannot create the threads that it needs.
@Suite struct ThreadLimitTests {
    /// Starts the program as a user who may have so many processes and threads.
    ///
    /// Root may have any number. Another real user id takes that right away, and leaves what is
    /// needed to reach the program; in a user namespace the processes elsewhere do not count.
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
        // A user of its own for each process, so that tests beside it do not count.
        let user = UInt32.random(in: 1_000_000...2_000_000_000)
        return try ChildProcess(
            tool(named: "setpriv", package: "util-linux"),
            ["--ruid", "\(user)", "--clear-groups", "--bounding-set", "-sys_resource,-sys_admin"]
                + command,
            environment: environment
        )
    }

    @Test(arguments: [1, 2, 3, 5, 8, 12])
    func `a node that cannot have its threads ends with 71 and names the limit`(
        threads: Int
    ) async throws {
        let process = try start(threads: threads, ["serve"])
        defer { process.kill() }
        #expect(try await process.waitForEnd(within: .seconds(10)) == .exit(71))
        let words = "needs \(Threads.forServing) threads but can create only \(threads)"
        #expect(process.log.contains(words), "\(process.log)")
        #expect(process.log.contains("RLIMIT_NPROC is \(threads)"), "\(process.log)")
    }

    @Test func `a node that may have as many threads as it needs serves and stops`() async throws {
        let process = try start(threads: Threads.forServing, ["serve"])
        defer { process.kill() }
        let node = ServedNode(process: process, port: try await ServedNode.port(of: process))
        #expect(try await node.get("/ready").status == 200)
        #expect(try await node.page("/metrics").contains("nova_federation_build_info"))
        process.send(SIGHUP)
        _ = try await process.logLine(containing: "msg=reloaded")
        #expect(try await node.stop() == .exit(0))
    }

    @Test func `a pull that cannot have its threads ends with 71, and a check needs one`()
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
