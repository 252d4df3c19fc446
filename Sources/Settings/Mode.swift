internal import Federation

/// How much of the federation runs.
package enum Mode: String, CaseIterable, Sendable {
    /// Nothing; `/federation/*` returns 404.
    case off
    /// Summary and health are served, nothing is pulled, N = 0 and G* is at most 0.30.
    case singleNode = "single_node"
    case peerSync = "peer_sync"

    /// Logged at startup of a single node, and shown on its health page.
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
        modeWarnings + [tokenWarning].compactMap(\.self)
    }

    private var modeWarnings: [String] {
        if mode == .peerSync { return [inFlightShortage].compactMap(\.self) }
        var given = isSyncEnabled ? ["NOVA_FED_SYNC_ENABLED is 1"] : []
        if !peers.isEmpty {
            given.append(peers.count == 1 ? "1 peer is set" : "\(peers.count) peers are set")
        }
        if given.isEmpty { return [] }
        let missing =
            switch mode {
            case .off: "FEDERATION_ENABLED is not 1: federation is off"
            case .singleNode where isSyncEnabled: "no peers are set: nothing is pulled"
            case .singleNode, .peerSync: "NOVA_FED_SYNC_ENABLED is not 1: nothing is pulled"
            }
        return ["\(given.joined(separator: " and ")), but \(missing)"]
    }

    /// The warning that some peers do not get the token; nil if all get it, or there is none.
    private var tokenWarning: String? {
        guard peerTokenFile != nil, isFederationEnabled else { return nil }
        var plain = peers.filter { $0.scheme == .http }.map(\.url)
        if case .orchestrator(let source) = localSource, source.scheme == .http {
            plain.append(source.url)
        }
        guard let first = plain.first else { return nil }
        return "NOVA_FED_PEER_TOKEN_FILE is set, but \(plain.count) of the URLs to pull use http, "
            + "including \(first): they are pulled without the token"
    }
}
