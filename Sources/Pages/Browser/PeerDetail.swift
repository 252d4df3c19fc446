package import Federation
internal import Settings
package import Timing

/// One peer with its recent pulls, for a browser.
package struct PeerDetail: Sendable {
    let status: NodeStatus
    let peer: PeerReport
    let window: RollingWindow
    /// The moment of the status, in running time.
    let now: Instant
    /// Only whether the page refreshes itself is used.
    let filter: PeerFilter

    /// The number of events on the page.
    package static let eventCount = 20

    /// Nil if no pulled peer has this label; `now` is the clock at the moment of the status.
    package init?(
        of label: String,
        in status: NodeStatus,
        _ ledger: Ledger,
        at now: Instant,
        _ filter: PeerFilter = PeerFilter()
    ) {
        let peers = status.report.peers
        guard let place = peers.firstIndex(where: { $0.peer.label == label }) else { return nil }
        (self.status, self.filter, peer) = (status, filter, peers[place])
        self.now = ledger.running[now]
        window = ledger[peer.index]?.window ?? RollingWindow()
    }
}
