/// The difference between two lists of peers, as a reload applied it to the ledger.
package struct PeerChanges: Sendable {
    package typealias IndexedPeer = (index: Peer.Index, peer: Peer)

    /// The new peers with their indices.
    package var added: [IndexedPeer] = []
    /// The indices of removed peers; new peers may reuse them.
    package var removed: [Peer.Index] = []
    /// Peers with a new label; they keep their history.
    package var renamed: [IndexedPeer] = []

    /// Whether both lists are equal.
    package var isEmpty: Bool { added.isEmpty && removed.isEmpty && renamed.isEmpty }
}

extension Ledger {
    /// Replaces the list of peers; URLs and labels in `peers` must be unique.
    ///
    /// The URL identifies a peer: with a new label it keeps its history. The history of removed
    /// peers is dropped, and their pulls in flight must be abandoned.
    ///
    /// `ranks` contains the positions in the configured list; empty means the order of `peers`.
    package mutating func adopt(_ peers: [Peer], ranks: [Int] = []) -> PeerChanges {
        var known: [Peer: Peer.Index] = [:]
        for (index, peer) in self.peers { known[peer.unlabelled] = index }
        var changes = PeerChanges()
        var new: [(peer: Peer, rank: Int)] = []
        for (place, peer) in peers.enumerated() {
            let rank = ranks.isEmpty ? place : ranks[place]
            guard let index = known.removeValue(forKey: peer.unlabelled) else {
                new.append((peer, rank))
                continue
            }
            histories[index]?.rank = rank
            if histories[index]?.peer.label != peer.label {
                histories[index]?.peer.label = peer.label
                changes.renamed.append((index, peer))
            }
        }
        // Removals come first, so that new peers reuse the indices.
        changes.removed = known.values.sorted()
        for index in changes.removed.reversed() { remove(index) }
        changes.added = new.map { (insert($0.peer, rank: $0.rank), $0.peer) }
        return changes
    }
}

extension Peer {
    /// The peer without its label: its URL.
    fileprivate var unlabelled: Peer {
        var peer = self
        peer.label = ""
        return peer
    }
}
