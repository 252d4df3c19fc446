package import Federation

/// What is wrong with a node now, for `status` and the page for browsers.
///
/// In single-node mode only `status` passes a reason: the notice about that mode.
package struct NodeFaults: Hashable, Sendable {
    /// One sentence each, without a full stop.
    package let list: [String]

    /// `reasons` are those of the health page, `source` is what the local source does wrong, `down`
    /// are the labels of the peers that are down, and `stale` those of the stale ones that are up.
    package init(
        isDraining: Bool,
        reasons: [String],
        source: String?,
        isReloadGood: Bool,
        down: [String],
        stale: [String]
    ) {
        var list = (isDraining ? ["this node is shutting down"] : []) + reasons
        if let source { list.append("the local source \(source)") }
        if !isReloadGood { list.append("the last reload failed and changed nothing") }
        for (what, peers) in [("down", down), ("with stale numbers", stale)] where !peers.isEmpty {
            let names = peers.prefix(3).joined(separator: ", ")
            list.append("\(peers.count) \(what): \(names)\(peers.count > 3 ? ", …" : "")")
        }
        self.list = list
    }
}

extension PeerState {
    /// The order of attention: peers with the lowest rank are shown first.
    package var rank: Int {
        switch self {
        case .down: 0
        case .clone: 1
        case .unknown: 2
        case .up: 4
        case .itself: 5
        }
    }

    /// The rank of a peer; stale ones come before the others that are up.
    package func rank(isStale: Bool) -> Int { self == .up && isStale ? 3 : rank }
}
