internal import Federation

/// When in each interval a node pulls a peer: a stable place in the interval, the same after every
/// restart, different for each pair of node and peer.
///
///     phase = hash(node id, 0, URL) / 2^64 * interval,  0 <= phase < interval
///
/// The hash is 64-bit FNV-1a with the finalizer of MurmurHash3: FNV alone leaves the high bits of
/// short and similar strings alike, and the high bits are the phase.
package func phase(ofNode nodeID: String, peerURL: String, interval: Duration) -> Duration {
    var hash: UInt64 = 0xcbf2_9ce4_8422_2325
    func mix(_ byte: UInt8) {
        hash = (hash ^ UInt64(byte)) &* 0x0000_0100_0000_01b3
    }
    for byte in nodeID.utf8 { mix(byte) }
    mix(0)
    for byte in peerURL.utf8 { mix(byte) }
    hash = (hash ^ (hash >> 33)) &* 0xff51_afd7_ed55_8ccd
    hash = (hash ^ (hash >> 33)) &* 0xc4ce_b9fe_1a85_ec53
    hash ^= hash >> 33
    return .nanoseconds(Int64(hash.multipliedFullWidth(by: UInt64(interval.nanoseconds)).high))
}
