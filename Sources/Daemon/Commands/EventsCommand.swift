import ArgumentParser
import Federation
import Host
import JSON
import NodeClient
import Pages
import StateStore
import Timing

/// `nova-federation events`: lists what happened to a node and its peers.
struct EventsCommand: ThreadedCommand {
    static let threads = Threads.forPulling

    static let configuration = CommandConfiguration(
        commandName: "events",
        abstract: "List what happened to a node and its peers.",
        discussion: """
            Prints the latest events, oldest first, with their times in UTC. --state-dir reads \
            the state directory of a node that is not running. --json prints one object per \
            line, with the fields of /federation/events.

            --follow requests new events once a second. If the node stops responding, it says so \
            on standard error, and continues when the node responds again.

            Exit codes: 0 success, 64 wrong usage, 69 no usable response, 71 too few threads or \
            descriptors, 74 the state directory cannot be read or the output cannot be written, \
            77 the node refuses the request, 78 invalid settings.

            EXAMPLE
              nova-federation events --peer n3 --since 12h
              nova-federation events --kind peer_down --limit 20
              nova-federation events --follow
              nova-federation events --state-dir /var/lib/nova-federation
            """
    )

    @Option(help: ArgumentHelp("Only events of this peer.", valueName: "name"))
    var peer: String?

    @Option(help: ArgumentHelp("Only events of this kind, such as peer_down.", valueName: "kind"))
    var kind: String?

    @Option(
        help: ArgumentHelp(
            "Only events since this time: 90s, 30m, 12h or 7d before now, or a Unix time.",
            valueName: "time"
        )
    )
    var since: String?

    @Option(
        help: ArgumentHelp(
            "Maximum number of events, 1 to 1000; the latest are printed.",
            valueName: "count"
        )
    )
    var limit = 100

    @Flag(help: "Keep printing new events until interrupted.")
    var follow = false

    @Option(
        help: ArgumentHelp(
            "Read this state directory instead of a running node.",
            valueName: "directory"
        )
    )
    var stateDir: String?

    @OptionGroup var node: NodeOptions

    /// The time between two requests with --follow.
    private static let pace = Duration.seconds(1)

    func validate() throws {
        guard stateDir == nil || (!follow && node.url == nil) else {
            throw ValidationError("--state-dir cannot be combined with --follow or --url")
        }
        _ = try query()
    }

    /// The query of the options.
    private func query() throws -> EventQuery {
        var parameters = [(name: "limit", value: "\(limit)")]
        if let peer { parameters.append(("peer", peer)) }
        if let kind { parameters.append(("kind", kind)) }
        if let since {
            guard let seconds = Self.unixTime(since, now: SystemClock.wall) else {
                throw ValidationError(
                    "--since must be a duration such as 90s, 30m, 12h or 7d, or a Unix time"
                )
            }
            parameters.append(("since", "\(seconds)"))
        }
        do throws(ParameterFault) {
            return try EventQuery(parameters: parameters)
        } catch {
            throw ValidationError("--\(error.name) \(error.message)")
        }
    }

    func run() async throws {
        let query = try query()
        if let stateDir {
            let page = try JSONTree(savedPage(in: stateDir, query))
            return try show(page["events"].items.reversed().map { ($0, ShownEvent($0)) })
        }
        let client = try node.client()
        var feed = EventFeed(client, query)
        let news: EventFeed.News
        do throws(NodeFailure) {
            news = try await feed.next()
        } catch {
            throw NodeOptions.exitCode(for: error)
        }
        if news.events.isEmpty, let peer { await reportUnlessKnown(peer, to: client) }
        try show(news.events)
        if follow { try await keepFollowing(&feed) }
    }

    /// Reports that the node has no peer of this name; without a health page it reports nothing.
    private func reportUnlessKnown(_ peer: String, to client: NodeClient) async {
        guard let health = try? await client.health(),
            let fault = health.lack(ofPeer: peer)
        else { return }
        StandardStream.report("nova-federation: \(fault)")
    }

    /// Prints new events once a second; returns only by throwing.
    ///
    /// Continues while the node does not respond, but not if it refuses the request.
    private func keepFollowing(_ feed: inout EventFeed) async throws {
        var isLost = false
        while true {
            try await Task.sleep(for: Self.pace)
            let news: EventFeed.News
            do throws(NodeFailure) {
                news = try await feed.next()
            } catch {
                if case .refused = error { throw NodeOptions.exitCode(for: error) }
                if !isLost { StandardStream.report("nova-federation: \(error); retrying") }
                isLost = true
                continue
            }
            if isLost {
                StandardStream.report("nova-federation: \(feed.client.url) responds again")
                isLost = false
            }
            if news.isRenumbered {
                StandardStream.report("nova-federation: the ids of events began again")
            }
            try show(news.events)
        }
    }

    /// The page that a node with this state directory would serve.
    private func savedPage(in directory: String, _ query: EventQuery) throws(ExitCode) -> [UInt8] {
        do throws(StoreFault) {
            let rows = try StateStore.events(in: directory, query)
            return EventsPage(rows: rows, limit: limit, oldest: nil, labels: [:]).json.bytes
        } catch {
            StandardStream.report("nova-federation: \(error)")
            throw ExitStatus.io.code
        }
    }

    /// Prints events, oldest first.
    private func show(_ events: [(tree: JSONTree, event: ShownEvent)]) throws(StreamFault) {
        let lines = events.map { node.json ? $0.tree.output.text : $0.event.line(named: true) }
        if !lines.isEmpty {
            try StandardStream.output.write(lines.joined(separator: "\n") + "\n")
        } else if !node.json, !follow {
            try StandardStream.output.write("no events\n")
        }
    }

    /// The Unix time of a span before now, such as `12h`, or of a Unix time.
    ///
    /// Nil for another text, and for a span that begins before 1970.
    static func unixTime(_ text: String, now: Double) -> Double? {
        if let time = Double(text) { return time }
        let units: [Character: Double] = ["s": 1, "m": 60, "h": 3_600, "d": 86_400]
        guard let unit = text.last.flatMap({ units[$0] }), let count = Double(text.dropLast()),
            count >= 0, count * unit <= now
        else { return nil }
        return now - count * unit
    }
}
