internal import CCurl

/// The transfers of some keys, and the multi handle that they share.
///
/// On the client's thread only.
final class Shard {
    /// How many keys share one.
    ///
    /// libcurl walks every kept connection of a multi handle when a transfer ends, so the cost of a
    /// GET grows with this number; each handle costs memory and two descriptors.
    static let size = 64

    let index: Int
    let multi = MultiHandle()
    /// The keys in use, a bit each.
    private var used: UInt64 = 0

    init(index: Int) {
        self.index = index
    }

    /// Whether no key is in use.
    var isUnused: Bool { used == 0 }

    /// Takes a key into use; of `keptConnections` for the whole client it has its share.
    func use(_ key: Int, keptConnections: Int) {
        let bit = UInt64(1) << UInt64(key % Self.size)
        guard used & bit == 0 else { return }
        used |= bit
        keep(of: keptConnections)
    }

    /// A key is no longer in use; the connection that it may have left idle is closed when another
    /// ends.
    func giveUp(_ key: Int, keptConnections: Int) {
        used &= ~(UInt64(1) << UInt64(key % Self.size))
        keep(of: keptConnections)
    }

    /// Lets idle what the keys in use below `keptConnections` may leave.
    func keep(of keptConnections: Int) {
        let share = min(max(keptConnections - index * Self.size, 0), Self.size)
        let kept = share == Self.size ? used : used & (UInt64(1) << UInt64(share) - 1)
        multi.keep(kept.nonzeroBitCount)
    }
}
