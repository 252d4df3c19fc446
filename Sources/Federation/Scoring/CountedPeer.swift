/// A peer that counts for N, at a tick.
package struct CountedPeer: Hashable, Sendable {
    /// The label of the peer.
    package var label: String
    package var nodeID: String
    package var gStar: Double

    package init(label: String, nodeID: String, gStar: Double) {
        (self.label, self.nodeID, self.gStar) = (label, nodeID, gStar)
    }
}

extension Report {
    /// The peers that count, by label; one for each distinct node id.
    package var countedPeers: [CountedPeer] {
        peers.compactMap { peer in
            guard peer.isCounted, let nodeID = peer.nodeID, let gStar = peer.gStar
            else { return nil }
            return CountedPeer(label: peer.peer.label, nodeID: nodeID, gStar: gStar)
        }
    }
}
