package import Federation
internal import Settings
package import Timing

/// One page of the peers of a node, worst first, with the recent pulls of each.
///
/// It holds the windows of the shown peers only, so that the ledger can be released before the page
/// is rendered.
package struct Overview: Sendable {
    /// One peer of the page.
    struct Row: Sendable {
        let peer: PeerReport
        let window: RollingWindow
    }

    package static let peersPerPage = 200
    /// The number of events on the page.
    package static let eventCount = 20

    let status: NodeStatus
    let filter: PeerFilter
    /// The moment of the status, in running time.
    let now: Instant
    let rows: [Row]
    /// The peers that contain the text of the filter, by state.
    let counts: [PeerState: Int]
    /// The number of peers that match the whole filter.
    let matching: Int
    /// The page that is shown, 1 to `pageCount`.
    let page: Int
    let pageCount: Int
    let faults: NodeFaults

    /// Selects the peers; `now` is the clock at the moment of the status.
    package init(of status: NodeStatus, in ledger: Ledger, at now: Instant, _ filter: PeerFilter) {
        (self.status, self.filter) = (status, filter)
        self.now = ledger.running[now]
        let peers = status.report.peers
        let text = filter.text.lowercased()
        var counts: [PeerState: Int] = [:]
        var places: [(rank: Int, quality: Double, index: Int)] = []
        var (down, stale): ([String], [String]) = ([], [])
        // Reads single fields, because a whole report is expensive to copy.
        for index in peers.indices {
            let state = peers[index].state
            let isStale = peers[index].isStale
            if state == .down { down.append(peers[index].peer.label) }
            if isStale { stale.append(peers[index].peer.label) }
            guard text.isEmpty || peers[index].contains(text) else { continue }
            counts[state, default: 0] += 1
            guard filter.state == nil || filter.state == state else { continue }
            places.append((state.rank(isStale: isStale), peers[index].quality.value, index))
        }
        places.sort { $0 < $1 }
        self.counts = counts
        matching = places.count
        pageCount = max(1, (places.count + Self.peersPerPage - 1) / Self.peersPerPage)
        page = min(filter.page, pageCount)
        rows = places.dropFirst((page - 1) * Self.peersPerPage).prefix(Self.peersPerPage)
            .map { place in
                let peer = peers[place.index]
                return Row(peer: peer, window: ledger[peer.index]?.window ?? RollingWindow())
            }
        let isOff = status.mode == .off
        faults = NodeFaults(
            isDraining: status.isDraining,
            reasons: status.mode == .peerSync ? status.reasons : [],
            source: isOff ? nil : status.sourceProblem,
            isReloadGood: status.lastReload.isGood,
            down: down,
            stale: stale
        )
    }
}

extension PeerReport {
    /// Whether its label, URL, node id or last failure contains a text in lower case.
    fileprivate func contains(_ text: String) -> Bool {
        [peer.label, peer.url, nodeID, lastFailure?.failure.reason.rawValue]
            .contains { $0?.lowercased().contains(text) == true }
    }
}
