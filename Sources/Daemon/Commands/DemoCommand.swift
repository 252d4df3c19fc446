import ArgumentParser
import Demo
import Host
import JSON

/// `nova-federation demo`: five real nodes on this machine, and a table of what they report.
struct DemoCommand: ThreadedCommand, HangUpHandling {
    static let threads = Threads.forPulling

    static let configuration = CommandConfiguration(
        commandName: "demo",
        abstract: "Run a federation of five real nodes on loopback and watch it.",
        discussion: """
            Starts five `nova-federation serve` processes on 127.0.0.1. Each is a real node \
            that pulls the other four every second. The first three use their own governor, which \
            ticks every second; the last two publish a G* of 0.9 and 0.1 from files. Shows how \
            each node sees the others (state and quality), N, G* and Cc, until interrupted. \
            Nothing leaves this machine, and no files remain on it.

            What to expect: within ten seconds all nodes are up, with N and quality above 0. \
            The G* of the first three, 0.3 N + 0.3 Cc, starts near 0.44: their eta has just fallen \
            from 0.10 to below 0.08, so Cc is 0.88. When those first ticks are a minute old, Cc \
            exceeds 0.99 and G* is 0.47 with N 0.57; after two minutes G* is 0.470 with N 0.566, \
            its limit of 0.3 N + 0.3. Without the two pinned nodes N would be 0 and G* 0.30.

            Exit codes: 0 stopped on request, 64 wrong usage, 70 a node exited, 71 a port is in \
            use or too few threads are allowed, 74 the output cannot be written.

            EXAMPLE
              nova-federation demo --seconds 130
            """
    )

    @Option(help: "Stop after this many seconds, 1 to 86400; by default, run until interrupted.")
    var seconds: Int?

    @Option(help: "Port of the first node; the others use the next four.")
    var port: UInt16 = 8101

    func validate() throws {
        guard (1...65_531).contains(port) else {
            throw ValidationError("--port takes 1 to 65531")
        }
        if let seconds, !(1...86_400).contains(seconds) {
            throw ValidationError("--seconds takes 1 to 86400")
        }
    }

    func run() async throws {
        do throws(DemoFault) {
            try await Demo.run(firstPort: port, seconds: seconds)
        } catch {
            if case .outputFailed(let fault) = error { throw fault }
            StandardStream.report("demo: \(error)".visible)
            throw error.exitStatus.code
        }
    }
}
