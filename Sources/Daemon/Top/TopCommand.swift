import ArgumentParser
import FoundationEssentials
import Host
import JSON
import NodeClient
import Pages
import Timing
import UnixSignals

/// `nova-federation top`: shows a node and its peers, updated once a second.
struct TopCommand: ThreadedCommand, HangUpHandling {
    static let threads = Threads.forWatching

    static let configuration = CommandConfiguration(
        commandName: "top",
        abstract: "Show a running node and its peers, updated once a second.",
        discussion: """
            Shows what status shows, with a sparkline of the latest pulls of each peer: a bar \
            for each latency and a cross for each failure, the newest last. The lowest bar is \
            less than 1 ms, and each higher one begins at about three times the latency: 1, 3, \
            10, 30, 100, 300 ms, 1 s. Pulls before the start of top are not shown, except the \
            latest.

            KEYS
              up, down, page up, page down, home, end, j, k   select a peer
              enter   show one peer as `why` does; q, escape or enter goes back
              s       sort by worst, name, quality or p95
              /       filter by a part of name, state, reason or URL; escape clears it
              q, ^C   quit
              ^Z      suspend
              ^L      draw the screen again

            If the node stops responding, top keeps its last view, shows since when, and \
            continues when the node responds again. If standard input or output is not a \
            terminal, top prints a snapshot each second. --json prints one object per line: \
            /federation/health, or error and since. In a locale without UTF-8, all output is \
            ASCII.

            Exit codes: 0 stopped by the user or a signal, 64 wrong usage, 69 no usable response \
            at the start, 71 too few threads or descriptors, 74 the output cannot be written, 77 \
            the node refuses the request, 78 invalid settings.

            EXAMPLE
              nova-federation top
              nova-federation top --url http://10.0.0.11:8100
              nova-federation top --json | jq .novelty
            """
    )

    @OptionGroup var node: NodeOptions

    func run() async throws {
        var feed = TopFeed(try node.client())
        let first: TopSnapshot
        do throws(NodeFailure) {
            first = try await feed.snapshot()
        } catch {
            throw NodeOptions.exitCode(for: error)
        }
        let environment = ProcessInfo.processInfo.environment
        let encoding = TextEncoding(environment: environment)
        if !node.json, let terminal = Terminal(environment: environment) {
            var session = TopSession(terminal, encoding, first: first)
            return try await session.run(feed)
        }
        if let fault = await printEachSecond(from: first, feed, encoding) { throw fault }
    }

    /// Prints a snapshot each second until a signal arrives or the output fails.
    private func printEachSecond(
        from first: TopSnapshot,
        _ feed: TopFeed,
        _ encoding: TextEncoding
    ) async -> StreamFault? {
        let signals = await UnixSignalsSequence(trapping: .sigint, .sigterm, .sighup)
        return await withTaskGroup(of: StreamFault?.self) { group in
            group.addTask {
                if !ProcessStart.hangUpCame { for await _ in signals { break } }
                return nil
            }
            group.addTask { [json = node.json] in
                var feed = feed
                var last = first
                var result = Result<TopSnapshot, NodeFailure>.success(first)
                while !Task.isCancelled {
                    if case .success(let snapshot) = result { last = snapshot }
                    let text =
                        json
                        ? Self.json(result, last: last).text + "\n"
                        : encoding.encode(Self.text(result, last: last)) + "\n\n"
                    do throws(StreamFault) {
                        try StandardStream.output.write(text)
                    } catch {
                        return error
                    }
                    result = await feed.next()
                }
                return nil
            }
            let ended = await group.next()
            group.cancelAll()
            return ended ?? nil
        }
    }

    private static func text(
        _ result: Result<TopSnapshot, NodeFailure>,
        last: TopSnapshot
    ) -> String {
        switch result {
        case .success(let snapshot): snapshot.text
        case .failure(let failure): last.notice(failure, now: SystemClock.wall)?.visible ?? ""
        }
    }

    private static func json(
        _ result: Result<TopSnapshot, NodeFailure>,
        last: TopSnapshot
    ) -> JSONOutput {
        switch result {
        case .success(let snapshot): snapshot.status.health.output
        case .failure(let failure): ["error": .string("\(failure)"), "since": .double(last.at)]
        }
    }
}
