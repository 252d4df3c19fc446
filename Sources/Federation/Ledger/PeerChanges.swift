/// How one list of peers came to be another: what a reload did to the ledger.
package struct PeerChanges: Sendable {
    package typealias Placed = (index: Peer.Index, peer: Peer)

    /// Those that came, each with its index.
    package var added: [Placed] = []
    /// The indices of those that went; one of them may be that of a peer which came.
    package var removed: [Peer.Index] = []
    /// Those that stay under another label, with all that is known of them.
    package var renamed: [Placed] = []

    /// Whether the lists are one.
    package var isEmpty: Bool { added.isEmpty && removed.isEmpty && renamed.isEmpty }
}

extension Ledger {
    /// Makes `peers`, each place and each label once, those that are known of.
    ///
    /// A peer is known by its URL: under another label it keeps its history. What is known of those
    /// that go is forgotten; a pull of theirs that is under way must be given up.
    ///
    /// `ranks` says where each of them stands in the configured list; as here if it is empty.
    package mutating func adopt(_ peers: [Peer], ranks: [Int] = []) -> PeerChanges {
        var known: [Peer: Peer.Index] = [:]
        for index in indices {
            if let peer = self[index]?.peer { known[peer.unlabelled] = index }
        }
        var changes = PeerChanges()
        var coming: [(peer: Peer, rank: Int)] = []
        for (place, peer) in peers.enumerated() {
            let rank = ranks.isEmpty ? place : ranks[place]
            guard let index = known.removeValue(forKey: peer.unlabelled) else {
                coming.append((peer, rank))
                continue
            }
            setRank(rank, of: index)
            if self[index]?.peer.label != peer.label {
                rename(index, to: peer.label)
                changes.renamed.append((index, peer))
            }
        }
        // Before anybody comes, so that memory follows the number of peers.
        changes.removed = known.values.sorted()
        for index in changes.removed.reversed() { remove(index) }
        changes.added = coming.map { (insert($0.peer, rank: $0.rank), $0.peer) }
        return changes
    }
}

extension Peer {
    /// Where it is, whatever it is called.
    fileprivate var unlabelled: Peer {
        var peer = self
        peer.label = ""
        return peer
    }
}
