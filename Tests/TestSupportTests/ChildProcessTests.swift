import Glibc
import Testing

@testable import TestSupport

/// Programs under a test's control.
@Suite struct ChildProcessTests {
    private func shell(_ script: String) throws -> ChildProcess {
        try ChildProcess("/bin/sh", ["-c", script], environment: ["WORD": "wisdom"])
    }

    /// A loop that no test waits out.
    private let forever = "while :; do sleep 0.05; done"

    @Test func `what a program writes and how it ends is kept`() async throws {
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

    @Test func `a line is waited for, and a program that ends without it is not`() async throws {
        let child = try shell("sleep 0.1; echo one >&2; echo \"port $WORD\" >&2; exec sleep 600")
        #expect(try await child.logLine(containing: "port ") == "port wisdom")
        child.kill()
        let start = ContinuousClock.now
        await #expect(throws: TestTrouble.self) { try await child.logLine(containing: "two") }
        #expect(ContinuousClock.now - start < .seconds(10))
    }

    @Test func `a program is stopped, continued and ended by signal`() async throws {
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

    @Test func `a program that ignores its end is killed with its object`() async throws {
        var child: ChildProcess? = try shell("trap '' TERM; echo up >&2; \(forever)")
        let pid = try #require(child?.pid)
        _ = try await child?.logLine(containing: "up")
        await #expect(throws: TestTrouble.self) {
            try await child?.waitForEnd(within: .milliseconds(50))
        }
        child = nil
        #expect(kill(pid, 0) == -1)
    }

    @Test func `a program that does not exist is a sentence`() async {
        await #expect(throws: TestTrouble.self) { try await run("/nowhere/nothing") }
        #expect(throws: TestTrouble.self) { try tool(named: "no-such-tool", package: "none") }
    }
}

/// The wait itself.
@Suite struct WaitingTests {
    @Test func `a condition is looked at until it holds`() async {
        var looks = 0
        let isMet = await eventually("three looks") {
            looks += 1
            return looks == 3
        }
        #expect(isMet)
        #expect(looks == 3)
    }

    @Test func `a condition that never holds ends at its limit`() async {
        #expect(await !holds(within: .milliseconds(30)) { false })
    }
}
