/// How far one node moves N.
package struct Influence: Hashable, Sendable {
    package let peer: CountedPeer
    /// N of the other peers; 0 if fewer than two remain.
    package let noveltyWithout: Double
    /// N minus `noveltyWithout`, -1...1: positive if the node increases N.
    package let influence: Double

    /// An influence that pages and commands point out, and that an alert reports.
    package static let large = 0.3

    /// The influence of each peer on `novelty`, which is N of their G*; the largest magnitude
    /// first.
    ///
    /// Peers with the same magnitude keep their order.
    package static func ranked(_ peers: [CountedPeer], novelty: Double) -> [Influence] {
        zip(peers, Novelty.withoutEach(of: peers.map(\.gStar)))
            .map { peer, without in
                Influence(peer: peer, noveltyWithout: without, influence: novelty - without)
            }
            .sorted { $0.influence.magnitude > $1.influence.magnitude }
    }
}
