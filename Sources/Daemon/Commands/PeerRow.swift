import Federation
import JSON
import Pages

/// A peer of a health page, as a row of a table.
struct PeerRow: Sendable {
    /// The peer's object on the page.
    let peer: JSONTree
    let name: String
    let state: String
    let quality: Double
    /// Seconds; nil without a latency in the window.
    let p95: Double?
    /// Whether the peer is up with numbers that no longer change.
    let isStale: Bool
    /// The position of the state among all states, the worst first.
    private let order: Int

    init(_ peer: JSONTree) {
        self.peer = peer
        name = peer["id"].string ?? "?"
        state = peer["state"].string ?? "?"
        quality = peer["quality"].number ?? 0
        p95 = peer["p95"].number
        let flags = peer["flags"].items
        isStale = state == "up" && flags.contains { $0.string == "stale" }
        order = (PeerState(rawValue: state) ?? .unknown).rank(isStale: isStale)
    }

    /// Why the last failed pull failed.
    var reason: String? { peer["last_failure"]["reason"].string }

    /// Whether the peer needs attention: it is down, has this node's id, or is stale.
    var isBad: Bool { order < 2 || isStale }

    /// Peers that are not up come first, then stale ones, then those with a lower quality.
    static func isWorse(_ left: PeerRow, than right: PeerRow) -> Bool {
        (left.order, left.quality, left.name) < (right.order, right.quality, right.name)
    }

    /// The text of a cell, which a peer may have chosen; nil if there is nothing to show.
    func text(_ column: PeerColumn) -> String? {
        switch column {
        case .name: return name
        case .state: return isStale ? "stale" : state
        case .age: return peer[isStale ? "numbers_age" : "state_age"].number?.age
        case .quality: return quality.fixed(2)
        case .success: return peer["success_rate"].number.map { "\(($0 * 100).fixed(0)) %" }
        case .p95: return p95.map { ($0 * 1_000).fixed(1) }
        case .lastGood: return peer["age"].number.map { "\($0.age) ago" }
        case .lastFailure:
            let age = peer["last_failure"]["age"].number
                .map { state == "up" ? ", \($0.age) ago" : "" }
            return reason.map { $0 + (age ?? "") }
        }
    }
}

extension Double {
    /// Seconds as text without a fraction, which would change all the time.
    fileprivate var age: String { self < 1 ? "<1 s" : self.rounded(.down).inWords }
}

/// A column of the table of peers; the raw value is its heading.
enum PeerColumn: String, CaseIterable, Sendable {
    case name = "peer"
    case state
    case age = "for"
    case quality
    case success
    case p95 = "p95 ms"
    case lastGood = "last good"
    case lastFailure = "last failure"
}
