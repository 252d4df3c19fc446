/// How much of the federation runs.
package enum Mode: String, CaseIterable, Sendable {
    /// Nothing; `/federation/*` returns 404.
    case off
    /// Summary and health are served, nothing is pulled, N = 0 and G* is at most 0.30.
    case singleNode = "single_node"
    case peerSync = "peer_sync"

    /// Logged once at startup of a single node, and shown on its health page.
    package static let singleNodeNotice = """
        enabling federation in a single-node deployment is safe but yields no generativity \
        benefit beyond observability; use 3 to 5 peers with varying scores
        """
}

extension Settings {
    /// Peer sync needs three settings: federation enabled, sync enabled, and a peer.
    package var mode: Mode {
        if !isFederationEnabled { return .off }
        return isSyncEnabled && !peers.isEmpty ? .peerSync : .singleNode
    }

    /// Settings that are valid but probably not intended.
    var warnings: [String] {
        let sync = isSyncEnabled ? "NOVA_FED_SYNC_ENABLED is 1" : nil
        let peers =
            switch peers.count {
            case 0: nil as String?
            case 1: "1 peer is set"
            case let count: "\(count) peers are set"
            }
        switch mode {
        case .off where sync != nil || peers != nil:
            let unused = [sync, peers].compactMap(\.self).joined(separator: " and ")
            return ["\(unused), but FEDERATION_ENABLED is not 1: federation is off"]
        case .singleNode:
            if let sync { return ["\(sync), but no peers are set: nothing is pulled"] }
            guard let peers else { return [] }
            return ["\(peers), but NOVA_FED_SYNC_ENABLED is not 1: nothing is pulled"]
        case .peerSync: return [inFlightShortage].compactMap(\.self)
        case .off: return []
        }
    }
}
