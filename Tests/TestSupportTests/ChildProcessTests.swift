import Glibc
import Testing

@testable import TestSupport

/// Starting, signalling and waiting for programs.
@Suite struct ChildProcessTests {
    private func shell(_ script: String) throws -> ChildProcess {
        try ChildProcess("/bin/sh", ["-c", script], environment: ["WORD": "wisdom"])
    }

    /// A loop that outlasts every test.
    private let forever = "while :; do sleep 0.05; done"

    @Test func `a finished program has its output, its log and its exit code`() async throws {
        let finished = try await run(
            "/bin/sh",
            ["-c", "cat; echo $WORD >&2; exit 7"],
            environment: ["WORD": "wisdom"],
            input: Array("input".utf8)
        )
        #expect(finished.output == "input")
        #expect(finished.log == "wisdom\n")
        #expect(finished.ending == .exit(7))
    }

    @Test func `waiting for a log line stops when the program ends without it`() async throws {
        let child = try shell("sleep 0.1; echo one >&2; echo \"port $WORD\" >&2; exec sleep 600")
        #expect(try await child.logLine(containing: "port ") == "port wisdom")
        child.kill()
        let start = ContinuousClock.now
        await #expect(throws: TestError.self) { try await child.logLine(containing: "two") }
        #expect(ContinuousClock.now - start < .seconds(10))
    }

    @Test func `signals stop, continue and end a program`() async throws {
        let child = try shell("trap 'echo bye >&2; exit 3' TERM; echo up >&2; \(forever)")
        _ = try await child.logLine(containing: "up")
        child.send(SIGSTOP)
        child.send(SIGTERM)
        try await Task.sleep(for: .milliseconds(200))
        #expect(child.poll() == nil)
        child.send(SIGCONT)
        #expect(try await child.waitForEnd() == .exit(3))
        #expect(child.log.hasSuffix("bye\n"))
    }

    @Test func `a program that ignores SIGTERM is killed when its object is freed`() async throws {
        var child: ChildProcess? = try shell("trap '' TERM; echo up >&2; \(forever)")
        let pid = try #require(child?.pid)
        _ = try await child?.logLine(containing: "up")
        await #expect(throws: TestError.self) {
            try await child?.waitForEnd(within: .milliseconds(50))
        }
        child = nil
        #expect(kill(pid, 0) == -1)
    }

    @Test func `a program that does not exist is an error`() async {
        await #expect(throws: TestError.self) { try await run("/nowhere/nothing") }
        #expect(throws: TestError.self) { try tool(named: "no-such-tool", package: "none") }
    }
}

/// Waiting for a condition.
@Suite struct WaitingTests {
    @Test func `a condition is checked until it is true`() async {
        var checks = 0
        let isMet = await eventually("the third check") {
            checks += 1
            return checks == 3
        }
        #expect(isMet)
        #expect(checks == 3)
    }

    @Test func `waiting for a condition that stays false ends at its limit`() async {
        #expect(await !becomesTrue(within: .milliseconds(30)) { false })
    }
}
