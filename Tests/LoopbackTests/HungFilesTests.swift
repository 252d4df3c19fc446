import Foundation
import Glibc
import TestSupport
import Testing

/// A node whose files are on a hung file system.
@Suite struct HungFilesTests {
    /// Mounts a hung file system at its first argument, then executes the others.
    private static let mounting = """
        import ctypes, os, sys
        fuse = os.open("/dev/fuse", os.O_RDWR)
        options = f"fd={fuse},rootmode=40000,user_id=0,group_id=0".encode()
        libc = ctypes.CDLL(None, use_errno=True)
        if libc.mount(b"hung", sys.argv[1].encode(), b"fuse", 0, options) != 0:
            sys.exit("mount: " + os.strerror(ctypes.get_errno()))
        os.set_inheritable(fuse, True)
        os.execv(sys.argv[2], sys.argv[2:])
        """

    private static var canMount: Bool { unsafe geteuid() == 0 && access("/dev/fuse", R_OK) == 0 }

    @Test(.enabled(if: canMount), .timeLimit(.minutes(2)))
    func `a hung file system fails a reload at its deadline and does not block the next one`()
        async throws
    {
        let folder = try TemporaryDirectory()
        let hung = try folder.folder("hung")
        try folder.overwrite("good", with: "a=http://127.0.0.1:1\n")
        let link = { (target: String) in
            let ended = try await run("/bin/ln", ["-sfn", target, folder.file("peers")])
            #expect(ended.ending == .exit(0))
        }
        try await link(folder.file("good"))
        var environment = ServedNode.environment(peers: [], port: 0)
        environment["NOVA_FED_PEERS"] = nil
        environment["NOVA_FED_PEERS_FILE"] = folder.file("peers")
        let process = try ChildProcess(
            tool(named: "unshare", package: "util-linux"),
            [
                "--mount", "--", "/usr/bin/python3", "-c", Self.mounting, hung,
                daemonExecutable(), "serve",
            ],
            environment: environment
        )
        defer { process.kill() }
        let node = ServedNode(process: process, port: try await ServedNode.port(of: process))
        try await link("\(hung)/peers")
        let start = ContinuousClock.now
        process.send(SIGHUP)
        let line = try await process.logLine(containing: "not read within", within: .seconds(20))
        #expect(line.contains(folder.file("peers")))
        #expect(ContinuousClock.now - start < .seconds(10))
        let gauge = "nova_federation_config_last_reload_successful"
        #expect(try await node.metrics()[gauge] == 0)
        #expect(try await node.health().peers.map(\.id) == ["a"])
        // The hung thread stays hung; the next reload uses another.
        try folder.overwrite("better", with: "b=http://127.0.0.1:1\n")
        try await link(folder.file("better"))
        process.send(SIGHUP)
        try await eventually("the next reload is good", within: .seconds(20)) {
            try await node.health().peers.map(\.id) == ["b"]
        }
        #expect(try await node.metrics()[gauge] == 1)
    }
}
