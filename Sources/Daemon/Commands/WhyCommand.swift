import ArgumentParser
import Host
import JSON
import NodeClient
import Pages
import StateStore

/// `nova-federation why PEER`: explains the state of one peer.
struct WhyCommand: ThreadedCommand {
    static let threads = Threads.forPulling

    static let configuration = CommandConfiguration(
        commandName: "why",
        abstract: "Explain the state and the quality of one peer.",
        discussion: """
            Prints the peer's state and its duration, whether the node itself is suspect, the \
            terms of the quality with their inputs and intervals, the peer's influence on N, its \
            last ten events, and for a peer that is not up, or whose numbers are stale, a \
            suggested action and the runbook section. --json prints the peer's object and `self` \
            from /federation/health, its influence from /federation/wisdom, and its events.

            Exit codes: 0 the peer is up, 1 it is not, 64 wrong usage or no such peer, 69 no \
            usable response, 71 too few threads or descriptors, 74 the output cannot be written, \
            77 the node refuses the request, 78 invalid settings.

            EXAMPLE
              nova-federation why n3
              nova-federation why n3 --url http://10.0.0.11:8100
            """
    )

    @Argument(help: ArgumentHelp("The name of the peer.", valueName: "peer"))
    var name: String

    @OptionGroup var node: NodeOptions

    func validate() throws {
        guard !name.isEmpty else { throw ValidationError("the name of the peer is empty") }
    }

    func run() async throws {
        let client = try node.client()
        let health: JSONTree
        let wisdom: JSONTree
        let events: JSONTree
        do throws(NodeFailure) {
            health = try await client.health()
            wisdom = try await client.wisdom()
            var query = EventQuery(limit: 10)
            query.peer = name
            let page = try await client.json("/federation/events?" + query.text, with: "events")
            events = page["events"]
        } catch {
            throw NodeOptions.exitCode(for: error)
        }
        guard let peer = health.peer(named: name) else {
            StandardStream.report("nova-federation: \(health.lack(ofPeer: name) ?? "")")
            throw ExitStatus.usage.code
        }
        let shown = ShownPeer(
            peer,
            of: health,
            in: wisdom,
            events: events.items.map(ShownEvent.init)
        )
        let json: JSONOutput = [
            "peer": peer.output, "self": health["self"].output,
            "influence": shown.influence?.output ?? .null, "events": events.output,
        ]
        try StandardStream.output.write((node.json ? json.text : shown.text) + "\n")
        if peer["state"].string != "up" { throw ExitCode(1) }
    }
}

extension JSONTree {
    /// A peer of this health page.
    func peer(named name: String) -> JSONTree? {
        self["peers"].items.first { $0["id"].string == name }
    }

    /// That this health page has no such peer, and which it has; nil if it has the peer.
    func lack(ofPeer name: String) -> String? {
        guard peer(named: name) == nil else { return nil }
        let names = self["peers"].items.compactMap { $0["id"].string }.sorted()
        let some = names.prefix(10).joined(separator: ", ") + (names.count > 10 ? ", …" : "")
        let others = names.isEmpty ? "this node has no peers" : "configured peers: \(some)"
        return "no peer is named \(name); \(others)".visible
    }
}
