internal import Timing

/// Decides which of several peers with one node id counts: the least claim of those that are live.
///
/// A claim lasts while the peer keeps giving the id. It survives failed pulls: a node that was down
/// for a while gets its id back from a peer that answered with it meanwhile. A peer that returns to
/// an id that it gave up has a new claim.
///
/// If the first pull of a peer brought the id, the claim dates from when the peer was configured.
/// So after a start, when nothing is known of earlier holders, the configured order decides, and
/// not who answers faster.
struct NodeIDClaim: Comparable {
    var since: Instant
    var rank: Int
    var index: Peer.Index

    static func < (left: NodeIDClaim, right: NodeIDClaim) -> Bool {
        (left.since, left.rank, left.index) < (right.since, right.rank, right.index)
    }
}
