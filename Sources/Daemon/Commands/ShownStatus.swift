import Federation
import JSON
import Pages

/// What the health and wisdom pages show, for a terminal.
struct ShownStatus {
    /// An influence on N that is shown.
    private static let largeInfluence = 0.3

    private let health: JSONTree
    private let wisdom: JSONTree
    private let url: String

    init(_ health: JSONTree, _ wisdom: JSONTree, url: String) {
        (self.health, self.wisdom, self.url) = (health, wisdom, url)
    }

    var isReady: Bool { health["ready"].bool == true }

    /// Five lines about the node, then a table of its peers.
    var text: String {
        let lines = [
            ("node", node), ("mode", mode), ("N", novelty), ("peers", live), ("faults", faults),
        ]
        let head = lines.map { name, text in
            name + String(repeating: " ", count: 7 - name.count) + text.printable(upTo: 300)
        }
        let peers = health["peers"].items
        guard !peers.isEmpty else { return head.joined(separator: "\n") }
        return (head + ["", table(peers.sorted(by: Self.isWorse))]).joined(separator: "\n")
    }

    private var node: String {
        let up = health["uptime"].number.map { ", up \($0.inWords)" } ?? ""
        return "\(health["node_id"].string ?? "?") at \(url), "
            + "version \(health["version"].string ?? "?")\(up)"
    }

    private var mode: String {
        "\(health["mode"].string ?? "?"), \(health["context"].string ?? "?"), "
            + (isReady ? "ready" : "not ready")
    }

    private var novelty: String {
        let novelty = health["novelty"].number ?? 0
        let meaning =
            novelty < 0.05 ? "G* of the live peers nearly equal" : "G* of the live peers differ"
        let count = health["peer_sync"]["peer_count"].integer ?? 0
        let own = wisdom["g_star"].number.map(Self.rounded) ?? "unknown"
        return Self.rounded(novelty) + (count < 2 ? "" : ", \(meaning)") + influence
            + "; G* \(own)"
    }

    /// The node that moves N the most, if it moves it far; the page has it first.
    private var influence: String {
        guard let first = wisdom["influence"].items.first, let peer = first["peer"].string,
            let moved = first["influence"].number, moved.magnitude > Self.largeInfluence,
            let without = first["novelty_without"].number
        else { return "" }
        return "; without \(peer) N would be \(Self.hundredths(without))"
    }

    private var live: String {
        let sync = health["peer_sync"]
        return "\(sync["peer_count"].integer ?? 0) live of \(sync["configured"].integer ?? 0)"
    }

    private var faults: String {
        let source = health["source"]
        let found = NodeFaults(
            reasons: health["reasons"].items.compactMap(\.string),
            source: source["ok"].bool == false ? source["error"].string ?? "failed" : nil,
            isReloadGood: health["reload"]["ok"].bool != false,
            down: health["peers"].items.filter { $0["state"].string == "down" }
                .compactMap { $0["id"].string }
        )
        return found.list.isEmpty ? "none" : found.list.joined(separator: "; ")
    }

    /// Not up comes first, then the lower quality.
    private static func isWorse(_ left: JSONTree, than right: JSONTree) -> Bool {
        func rank(_ peer: JSONTree) -> (Int, Double, String) {
            let state = peer["state"].string.flatMap(PeerState.init(rawValue:)) ?? .unknown
            return (state.rank, peer["quality"].number ?? 0, peer["id"].string ?? "")
        }
        return rank(left) < rank(right)
    }

    private func table(_ peers: [JSONTree]) -> String {
        var table = TextTable(
            header: [
                "peer", "state", "for", "quality", "success", "p95 ms", "last good", "last failure",
            ]
        )
        for peer in peers {
            let failure = peer["last_failure"]
            let isUp = peer["state"].string == "up"
            let age = failure["age"].number.map { isUp ? ", \($0.inWords) ago" : "" } ?? ""
            table.add([
                peer["id"].string,
                peer["state"].string,
                peer["state_age"].number?.inWords,
                peer["quality"].number.map(Self.rounded),
                peer["success_rate"].number.map { "\(Int(($0 * 100).rounded())) %" },
                peer["p95"].number.map { Self.rounded($0 * 1_000) },
                peer["age"].number.map { "\($0.inWords) ago" },
                failure["reason"].string.map { $0 + age },
            ])
        }
        return table.text
    }

    /// With two decimals; a number of at least 0.
    static func hundredths(_ number: Double) -> String {
        let count = Int((number * 100).rounded())
        return "\(count / 100)." + (count % 100 < 10 ? "0" : "") + "\(count % 100)"
    }

    /// Rounded to hundredths.
    static func rounded(_ number: Double) -> String {
        "\((number * 100).rounded() / 100)"
    }
}
