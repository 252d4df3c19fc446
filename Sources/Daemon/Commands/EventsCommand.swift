import ArgumentParser
import Federation
import FoundationEssentials
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
        var query = try query()
        if let stateDir {
            try show(JSONTree(savedPage(in: stateDir, query)))
            return
        }
        let client = try node.client()
        var last = 0
        repeat {
            let page: JSONTree
            do throws(NodeFailure) {
                page = try await client.json("/federation/events?" + query.text, with: "events")
            } catch {
                throw NodeOptions.exitCode(for: error)
            }
            last = try show(page, after: last)
            // `show` drops what was printed, so --limit applies to the first request only.
            query.limit = 1_000
            if follow { try await Task.sleep(for: Self.pace) }
        } while follow
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

    /// Prints the events of a page with larger ids than `last`, and returns the largest.
    @discardableResult
    private func show(_ page: JSONTree, after last: Int = 0) throws -> Int {
        let events = page["events"].items.reversed()
            .map { (tree: $0, event: ShownEvent($0)) }
            .filter { $0.event.id > last }
        let lines = events.map { node.json ? $0.tree.output.text : $0.event.line(named: true) }
        if !lines.isEmpty {
            try StandardStream.output.write(lines.joined(separator: "\n") + "\n")
        } else if last == 0, !node.json, !follow {
            try StandardStream.output.write("no events\n")
        }
        return events.last?.event.id ?? last
    }

    /// The Unix time of a span before now, such as `12h`, or of a Unix time.
    static func unixTime(_ text: String, now: Double) -> Double? {
        if let time = Double(text) { return time }
        let units: [Character: Double] = ["s": 1, "m": 60, "h": 3_600, "d": 86_400]
        guard let unit = text.last.flatMap({ units[$0] }), let count = Double(text.dropLast()),
            count >= 0
        else { return nil }
        return max(0, now - count * unit)
    }
}

extension ShownEvent {
    /// One line: the time in UTC, the id, the peer if `named`, and what happened.
    func line(named: Bool) -> String {
        let peer = named ? peer.map { $0.printable(upTo: 64) + "  " } ?? "" : ""
        return "\(at.asTime)  #\(id)  \(peer)\(text.printable(upTo: 300))"
    }
}

extension Double {
    /// Unix seconds as a time in UTC; as a number if the year is not within 1 to 9999.
    var asTime: String {
        guard (-62_135_596_800..<253_402_300_800).contains(self) else { return "\(self)" }
        return Date(timeIntervalSince1970: self).formatted(.iso8601.dateTimeSeparator(.space))
    }
}
