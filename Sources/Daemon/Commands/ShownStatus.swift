import Federation
import JSON
import NodeClient
import Pages

/// What the health and wisdom pages show, for a terminal.
struct ShownStatus: Sendable {
    let health: JSONTree
    let wisdom: JSONTree
    private let url: String

    init(_ health: JSONTree, _ wisdom: JSONTree, url: String) {
        (self.health, self.wisdom, self.url) = (health, wisdom, url)
    }

    /// Requests `/federation/health` and `/federation/wisdom` from a node.
    init(of client: NodeClient) async throws(NodeFailure) {
        health = try await client.health()
        wisdom = try await client.wisdom()
        url = client.url
    }

    /// Whether the node works and does not shut down.
    var isReady: Bool { health["ready"].bool == true && !isDraining }

    /// Whether the node shuts down; a node of an older version does not report it.
    private var isDraining: Bool { health["draining"].bool == true }

    /// Five lines about the node, by name.
    var lines: [(name: String, text: String)] {
        [
            ("node", node), ("mode", mode), ("N", novelty), ("peers", live), ("faults", faults),
        ]
        .map { ($0, $1.printable(upTo: 300)) }
    }

    /// The width of the names of the lines, with the blanks after them.
    static let nameWidth = 7

    /// The lines, then a table of the peers, worst first.
    ///
    /// `latencies` is a sparkline by the name of a peer; without any the table has no such column.
    func text(latencies: [String: String]? = nil) -> String {
        let head = lines.map { $0.name.fitted(to: Self.nameWidth) + $0.text }
        let peers = health["peers"].items.map(PeerRow.init).sorted(by: PeerRow.isWorse)
        guard !peers.isEmpty else { return head.joined(separator: "\n") }
        let columns = PeerColumn.allCases
        let more = latencies == nil ? [] : ["latencies"]
        var table = TextTable(header: columns.map(\.rawValue) + more)
        for peer in peers {
            let cells = columns.map { peer.text($0) }
            table.add(cells + (latencies.map { [$0[peer.name]] } ?? []))
        }
        return (head + ["", table.text]).joined(separator: "\n")
    }

    private var node: String {
        let up = health["uptime"].number.map { ", up \($0.inWords)" } ?? ""
        return "\(health["node_id"].string ?? "?") at \(url), "
            + "version \(health["version"].string ?? "?")\(up)"
    }

    private var mode: String {
        "\(health["mode"].string ?? "?"), \(health["context"].string ?? "?"), "
            + (isDraining ? "draining" : isReady ? "ready" : "not ready")
    }

    private var novelty: String {
        let novelty = health["novelty"].number ?? 0
        let meaning =
            novelty < 0.05 ? "G* of the live peers nearly equal" : "G* of the live peers differ"
        let count = health["peer_sync"]["peer_count"].integer ?? 0
        let own = wisdom["g_star"].number.map { $0.fixed(2) } ?? "unknown"
        return novelty.fixed(2) + (count < 2 ? "" : ", \(meaning)") + influence + "; G* \(own)"
    }

    /// The node with the most influence, if it is large; the page lists it first.
    private var influence: String {
        guard let first = wisdom["influence"].items.first, let peer = first["peer"].string,
            let moved = first["influence"].number, moved.magnitude > Influence.large,
            let without = first["novelty_without"].number
        else { return "" }
        return "; without \(peer) N would be \(without.fixed(2))"
    }

    private var live: String {
        let sync = health["peer_sync"]
        return "\(sync["peer_count"].integer ?? 0) live of \(sync["configured"].integer ?? 0)"
    }

    private var faults: String {
        let source = health["source"]
        let peers = health["peers"].items.map(PeerRow.init)
        let found = NodeFaults(
            isDraining: isDraining,
            reasons: health["reasons"].items.compactMap(\.string),
            source: source["ok"].bool == false ? source["error"].string ?? "failed" : nil,
            isReloadGood: health["reload"]["ok"].bool != false,
            down: peers.filter { $0.state == "down" }.map(\.name),
            stale: peers.filter(\.isStale).map(\.name)
        )
        return found.list.isEmpty ? "none" : found.list.joined(separator: "; ")
    }
}
