import ArgumentParser
import Host
import JSON
import NodeClient
import Timing

/// `nova-federation wait`: waits until a node is ready or has live peers.
struct WaitCommand: ThreadedCommand {
    static let threads = Threads.forPulling

    static let configuration = CommandConfiguration(
        commandName: "wait",
        abstract: "Wait until a node is ready, or has enough live peers.",
        discussion: """
            Queries the node four times a second and retries while it does not respond, so it \
            can run right after startup. Prints nothing on success; with --json prints an object \
            with `met` and `unmet`, the condition that is missing.

            A peer is live while its last good pull is at most NOVA_FED_MAX_AGE_SEC old, 90 \
            seconds by default, and its numbers are not stale. So a peer that stopped a moment \
            ago still counts; `why` shows whether a peer is up.

            Exit codes: 0 the condition is met, 1 timeout, 64 wrong usage, 71 too few threads or \
            descriptors, 77 the node refuses the request, 78 invalid settings.

            EXAMPLE
              nova-federation wait --ready
              nova-federation wait --live 3 --timeout 60 && echo three peers are live
            """
    )

    @Flag(help: "Wait until /ready returns 200.")
    var ready = false

    @Option(help: ArgumentHelp("Wait until this many peers are live.", valueName: "count"))
    var live: Int?

    @Option(help: ArgumentHelp("Seconds to wait.", valueName: "seconds"))
    var timeout = 30.0

    @OptionGroup var node: NodeOptions

    /// The time between two requests.
    private static let pace = Duration.milliseconds(250)

    func validate() throws {
        guard ready || live != nil else { throw ValidationError("specify --ready or --live") }
        guard (live ?? 0) >= 0 else { throw ValidationError("--live must be 0 or more") }
        guard timeout > 0, timeout <= 86_400 else {
            throw ValidationError("--timeout must be above 0 and at most 86400 seconds")
        }
    }

    func run() async throws {
        let client = try node.client()
        let end = SystemClock.now + .seconds(timeout)
        var last = "no request was made"
        while true {
            let left = end - SystemClock.now
            guard left > .zero else { break }
            let unmet: String?
            do throws(NodeFailure) {
                unmet = try await self.unmet(by: client, within: min(left, .seconds(5)))
            } catch {
                if case .refused = error { throw NodeOptions.exitCode(for: error) }
                unmet = "\(error)"
            }
            guard let unmet else { return try show(nil) }
            last = unmet
            try? await Task.sleep(for: min(Self.pace, max(end - SystemClock.now, .zero)))
        }
        try show(last)
        StandardStream.report("nova-federation: timed out after \(timeout) s: \(last)")
        throw ExitCode(1)
    }

    /// Prints the result if JSON is wanted; `unmet` is what was missing last.
    private func show(_ unmet: String?) throws(StreamFault) {
        guard node.json else { return }
        let result: JSONOutput = ["met": .bool(unmet == nil), "unmet": .text(unmet)]
        try StandardStream.output.write(result.text + "\n")
    }

    /// What is not met yet; nil if everything is.
    private func unmet(
        by client: NodeClient,
        within timeout: Duration
    ) async throws(NodeFailure) -> String? {
        if ready { _ = try await client.get("/ready", within: timeout) }
        guard let live else { return nil }
        let health = try await client.health(within: timeout)
        let count = health["peer_sync"]["peer_count"].integer ?? 0
        return count >= live ? nil : "\(count) of \(live) required peers live"
    }
}
