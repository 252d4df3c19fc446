internal import Federation
internal import Timing

/// When in each interval a node pulls a peer: a stable place in the interval, the same after every
/// restart, different for each pair of node and peer.
///
/// The places of a node are at most 10 ms apart, twenty or more in an interval, so that pulls which
/// would start at nearly the same moment start together, which costs less. Its first place is its
/// own, so that nodes do not start together too:
///
///     phase = (floor(hash(node id, 0, URL) / 2^64 * places) + hash(node id) / 2^64) * step
///     step = interval / places,  0 <= phase < interval
///
/// The hash is 64-bit FNV-1a with the finalizer of MurmurHash3: FNV alone leaves the high bits of
/// short and similar strings alike, and the high bits are the phase.
package func slotPhase(ofNode nodeID: String, peerURL: String, interval: Duration) -> Duration {
    let node = Hash().mixing(nodeID.utf8)
    let pair = node.mixing(CollectionOfOne(0)).mixing(peerURL.utf8)
    let places = max(20, (interval.nanoseconds + 9_999_999) / 10_000_000)
    let step = interval.nanoseconds / places
    return .nanoseconds(pair.fraction(of: places) * step + node.fraction(of: step))
}

private struct Hash {
    private var state: UInt64 = 0xcbf2_9ce4_8422_2325

    func mixing(_ bytes: some Sequence<UInt8>) -> Hash {
        var hash = self
        for byte in bytes { hash.state = (hash.state ^ UInt64(byte)) &* 0x0000_0100_0000_01b3 }
        return hash
    }

    /// The hash as a part of `whole`: at least 0, below `whole`.
    func fraction(of whole: Int64) -> Int64 {
        var hash = (state ^ (state >> 33)) &* 0xff51_afd7_ed55_8ccd
        hash = (hash ^ (hash >> 33)) &* 0xc4ce_b9fe_1a85_ec53
        hash ^= hash >> 33
        return Int64(hash.multipliedFullWidth(by: UInt64(whole)).high)
    }
}
