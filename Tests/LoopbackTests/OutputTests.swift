import TestSupport
import Testing

/// Commands whose output cannot be written.
@Suite struct OutputTests {
    private static let commands = [
        ["check"], ["check", "--template"], ["check", "--help"], ["version"], ["--help"], [],
        ["help", "pull"], ["--generate-completion-script", "bash"],
        ["pull", "http://127.0.0.1:1"], ["pull", "--json", "http://127.0.0.1:1"],
    ]

    /// Runs a command by a shell, as `"$@"`.
    private func run(_ script: String, _ arguments: [String]) async throws -> ProcessResult {
        try await TestSupport.run(
            tool(named: "bash", package: "bash"),
            ["-c", script, "bash", daemonExecutable()] + arguments
        )
    }

    @Test(arguments: commands)
    func `a command that cannot write to a full disk exits with 74 and a message`(
        arguments: [String]
    ) async throws {
        let finished = try await run(#"exec "$@" >/dev/full"#, arguments)
        #expect(finished.ending == .exit(74))
        let message = "cannot write standard output: No space left on device"
        #expect(finished.log == "nova-federation: \(message)\n")
    }

    @Test(arguments: commands)
    func `a command whose reader closed the pipe exits with 74 and no message`(
        arguments: [String]
    ) async throws {
        // The reader is gone before the command starts.
        let finished = try await run(
            #"{ sleep 0.1; "$@"; echo "$?" >&2; } | true"#,
            arguments
        )
        #expect(finished.log == "74\n")
    }

    @Test func `the demo exits with 74 when its table cannot be written`() async throws {
        let script = #"exec "$@" --seconds 20 --port "$PORT" >/dev/full"#
        let port = try freePorts(inARow: 5)
        let finished = try await TestSupport.run(
            tool(named: "bash", package: "bash"),
            ["-c", script, "bash", daemonExecutable(), "demo"],
            environment: ["PORT": "\(port)"]
        )
        #expect(finished.ending == .exit(74))
        #expect(finished.log.contains("cannot write standard output"))
    }

    @Test func `a slow reader gets all output through a non-blocking pipe`() async throws {
        // Runs a command whose standard output is such a pipe, and of the smallest size.
        let reader = """
            import fcntl, os, subprocess, sys, time
            reading, writing = os.pipe()
            os.set_blocking(writing, False)
            fcntl.fcntl(writing, fcntl.F_SETPIPE_SZ, 4096)
            command = subprocess.Popen(sys.argv[1:], stdout=writing)
            os.close(writing)
            time.sleep(0.5)
            sys.stdout.write(open(reading).read())
            sys.exit(command.wait())
            """
        let arguments = try [daemonExecutable(), "check", "--template"]
        let slow = try await TestSupport.run(
            tool(named: "python3", package: "python3"),
            ["-c", reader] + arguments,
            environment: ["PYTHONUTF8": "1"]
        )
        let whole = try await TestSupport.run(arguments[0], Array(arguments.dropFirst()))
        #expect(slow.output == whole.output && slow.output.utf8.count > 4_096)
        #expect(slow.ending == .exit(0) && slow.log == "")
    }
}
