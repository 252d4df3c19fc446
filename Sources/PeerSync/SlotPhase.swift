internal import Federation
internal import Timing

/// The phase at which a node pulls a peer, the same after a restart.
///
/// The phases of a node lie on a grid of at most 10 ms, with at least 20 places per interval. Pulls
/// due within the same 10 ms start in one loop iteration, which costs nearly as much as a pull.
/// Each node's grid has its own offset, so that nodes do not pull in step:
///
///     phase = (floor(hash(node id, 0, URL) / 2^64 * places) + hash(node id) / 2^64) * step
///     step = interval / places,  0 <= phase < interval
///
/// The hash is 64-bit FNV-1a with the finalizer of MurmurHash3. FNV alone gives similar high bits
/// to short similar strings, and the high bits determine the phase.
package func slotPhase(ofNode nodeID: String, peerURL: String, interval: Duration) -> Duration {
    let node = Hash().mixing(nodeID.utf8)
    let pair = node.mixing(CollectionOfOne(0)).mixing(peerURL.utf8)
    let places = max(20, (interval + .nanoseconds(9_999_999)).count(of: .milliseconds(10)))
    let step = Duration.nanoseconds((interval / places).nanoseconds)
    let offset = Duration.nanoseconds(node.scaled(below: Int(step.nanoseconds)))
    return step * pair.scaled(below: places) + offset
}

private struct Hash {
    private var state: UInt64 = 0xcbf2_9ce4_8422_2325

    func mixing(_ bytes: some Sequence<UInt8>) -> Hash {
        var hash = self
        for byte in bytes { hash.state = (hash.state ^ UInt64(byte)) &* 0x0000_0100_0000_01b3 }
        return hash
    }

    /// The hash scaled to 0..<`count`.
    func scaled(below count: Int) -> Int {
        var hash = (state ^ (state >> 33)) &* 0xff51_afd7_ed55_8ccd
        hash = (hash ^ (hash >> 33)) &* 0xc4ce_b9fe_1a85_ec53
        hash ^= hash >> 33
        return Int(hash.multipliedFullWidth(by: UInt64(count)).high)
    }
}
