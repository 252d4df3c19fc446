internal import Timing

/// Decides which of several live peers with one node id counts: the smallest claim.
///
/// A claim lasts while the peer keeps answering with the id. Failed pulls do not end it: a node
/// that was down gets its id back from a peer that answered with it meanwhile. A peer that returns
/// to an id it gave up has a new claim.
///
/// If the first pull of a peer brought the id, the claim dates from the peer's configuration. So
/// after a start, when earlier holders are unknown, the configured order decides, not the faster
/// answer.
struct NodeIDClaim: Comparable {
    var since: Instant
    var rank: Int
    var index: Peer.Index

    static func < (left: NodeIDClaim, right: NodeIDClaim) -> Bool {
        (left.since, left.rank, left.index) < (right.since, right.rank, right.index)
    }
}
