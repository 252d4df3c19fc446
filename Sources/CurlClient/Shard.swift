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
    let sockets: WatchedSockets
    /// The keys in use, a bit each.
    private var used: UInt64 = 0
    /// What is known of the connections of each key.
    private var kept = [KeptConnection](repeating: KeptConnection(), count: size)

    init(index: Int, sockets: WatchedSockets) {
        self.index = index
        self.sockets = sockets
    }

    /// What is known of the connections of a key.
    subscript(key: Int) -> KeptConnection {
        get { kept[key % Self.size] }
        _modify { yield &kept[key % Self.size] }
    }

    /// The socket of the resting connection that libcurl knows by this port.
    ///
    /// It is the one that the key left, except where two keys have the same host and port.
    func idleSocket(of key: Int, localPort: Int32) -> Int32? {
        let own = self[key].socket
        if isIdle(own, localPort: localPort) { return own }
        return kept.first { isIdle($0.socket, localPort: localPort) }?.socket
    }

    private func isIdle(_ socket: Int32, localPort: Int32) -> Bool {
        guard let idle = sockets.idleConnection(on: socket) else { return false }
        return idle.localPort == localPort && idle.key / Self.size == index
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

    /// A key is no longer in use.
    func cancel(_ key: Int, keptConnections: Int) {
        used &= ~(UInt64(1) << UInt64(key % Self.size))
        self[key] = KeptConnection()
        keep(of: keptConnections)
    }

    /// How many connections a handle may have beyond one for each key: those that were given up
    /// and that libcurl has not closed yet, and those that were made beside a silent one.
    private static let slack = 8

    /// Lets idle what the keys in use below `keptConnections` may leave.
    func keep(of keptConnections: Int) {
        let share = min(max(keptConnections - index * Self.size, 0), Self.size)
        let keeping = share == Self.size ? used : used & (UInt64(1) << UInt64(share) - 1)
        multi.keep(keeping == 0 ? 0 : keeping.nonzeroBitCount + Self.slack)
    }
}
