import ArgumentParser
import Federation
import Glibc
import Host
import JSON

/// The command line: `nova-federation serve | check | status | events | wait | pull | …`.
@main
struct NovaFederation: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "nova-federation",
        abstract: "The federation peer synchronizer of a Nova node.",
        discussion: """
            Pulls the summary of every configured peer, scores the peers, computes how diverse \
            they are, and serves its own summary, health and metrics. It observes and controls \
            nothing.

            Every command exits with 74 if its output cannot be written.

            EXAMPLE
              nova-federation check --config /etc/nova-federation/nova-federation.env
            """,
        subcommands: [
            ServeCommand.self, CheckCommand.self, StatusCommand.self, TopCommand.self,
            EventsCommand.self, WhyCommand.self, WaitCommand.self, BundleCommand.self,
            PullCommand.self, DemoCommand.self, VersionCommand.self,
        ]
    )

    static func main() async {
        Allocator.setUp()
        do {
            // `asyncParseAsRoot` would continue on another thread.
            var command = try parseAsRoot(ProcessStart.arguments)
            if !(command is any HangUpHandling) { ProcessStart.releaseHangUp() }
            // Without --against it runs with one thread, and tests the settings of any process.
            if let check = command as? CheckCommand, check.against {
                return try await check.compare()
            }
            guard var threaded = command as? any ThreadedCommand else { return try command.run() }
            try Threads.require(type(of: threaded).threads)
            try await threaded.run()
        } catch {
            end(after: error)
        }
    }

    /// Prints the message of an error, which may be a help text, and exits with its code.
    private static func end(after error: any Error) -> Never {
        let status = exitCode(for: error)
        let text = fullMessage(for: error)
        do throws(StreamFault) {
            switch error {
            case let fault as StreamFault: throw fault
            case let shortage as ThreadShortage:
                StandardStream.report("nova-federation: \(shortage)")
                Glibc.exit(ExitStatus.system.rawValue)
            case _ where text.isEmpty: break
            case _ where status.isSuccess: try StandardStream.output.write(text + "\n")
            // The message may repeat arguments.
            default: StandardStream.report(text.visibleLines)
            }
        } catch {
            if !error.isClosedPipe { StandardStream.report("nova-federation: \(error)") }
            Glibc.exit(ExitStatus.io.rawValue)
        }
        Glibc.exit(status.rawValue)
    }
}

extension ExitStatus {
    /// The status as ArgumentParser's error.
    var code: ExitCode { ExitCode(rawValue) }
}
