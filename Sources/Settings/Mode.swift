/// What of the federation runs.
package enum Mode: String, CaseIterable, Sendable {
    /// Nothing: `/federation/*` answers 404.
    case off
    /// Summary and health are served, nothing is pulled, N = 0 and G* is at most 0.30.
    case singleNode = "single_node"
    case peerSync = "peer_sync"

    /// Said once at start-up, and in the health page, of a single node.
    package static let singleNodeNotice = """
        enabling federation in a single-node deployment is safe but yields no generativity \
        benefit beyond observability; 3 to 5 peers with varying scores are needed
        """
}

extension Settings {
    /// The gate: three conditions, in the order in which they are missed.
    package var mode: Mode {
        if !isFederationEnabled { return .off }
        return isSyncEnabled && !peers.isEmpty ? .peerSync : .singleNode
    }

    /// What is likely to be a mistake, though each setting and each rule is fine.
    var warnings: [String] {
        var warnings: [String] = []
        let wanted = [
            isSyncEnabled ? "NOVA_FED_SYNC_ENABLED=1" : nil,
            peers.isEmpty
                ? nil : "\(peers.count) configured \(peers.count == 1 ? "peer" : "peers")",
        ]
        .compactMap(\.self)
        switch mode {
        case .off where !wanted.isEmpty:
            let both = wanted.joined(separator: " and ")
            warnings.append(
                "FEDERATION_ENABLED is not 1, so federation is off and this has no effect: \(both)"
            )
        case .singleNode where isSyncEnabled:
            warnings.append("nothing is pulled: NOVA_FED_SYNC_ENABLED is 1, but no peers are set")
        case .singleNode where !peers.isEmpty:
            warnings.append("nothing is pulled: peers are set, but NOVA_FED_SYNC_ENABLED is not 1")
        default: break
        }
        if mode == .peerSync, let inFlightShortage { warnings.append(inFlightShortage) }
        return warnings
    }
}
