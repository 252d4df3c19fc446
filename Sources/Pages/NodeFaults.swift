package import Federation

/// What is wrong with a node now, for `status` and the page for browsers.
///
/// In single-node mode only `status` passes a reason: the notice about that mode.
package struct NodeFaults: Hashable, Sendable {
    /// One sentence each, without a full stop.
    package let list: [String]

    /// `reasons` are those of the health page, `source` is what the local source does wrong, and
    /// `down` are the labels of the peers that are down.
    package init(
        isDraining: Bool,
        reasons: [String],
        source: String?,
        isReloadGood: Bool,
        down: [String]
    ) {
        var list = (isDraining ? ["this node is shutting down"] : []) + reasons
        if let source { list.append("the local source \(source)") }
        if !isReloadGood { list.append("the last reload failed and changed nothing") }
        if !down.isEmpty {
            let names = down.prefix(3).joined(separator: ", ")
            list.append("\(down.count) down: \(names)\(down.count > 3 ? ", …" : "")")
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
        case .up: 3
        case .itself: 4
        }
    }
}
