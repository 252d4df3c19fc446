internal import CCurl

/// A range of keys, and the multi handle that they share.
///
/// On the client's thread only.
final class Shard {
    /// The keys in a shard.
    ///
    /// libcurl walks all kept connections of a multi handle whenever a transfer ends, so a fetch
    /// costs more with more keys. Each handle costs memory and two descriptors.
    static let size = 64

    let index: Int
    let multi = MultiHandle()
    let sockets: WatchedSockets
    /// The keys in use, one bit each.
    private var used: UInt64 = 0
    /// What is known about the connections of each key.
    private var kept = [KeptConnection](repeating: KeptConnection(), count: size)

    init(index: Int, sockets: WatchedSockets) {
        self.index = index
        self.sockets = sockets
    }

    /// What is known about the connections of a key.
    subscript(key: Int) -> KeptConnection {
        get { kept[key % Self.size] }
        _modify { yield &kept[key % Self.size] }
    }

    /// The socket of the idle connection with this local port.
    ///
    /// `key` used it last, unless several keys have the same host and port.
    func idleSocket(of key: Int, localPort: Int32) -> Int32? {
        let own = self[key].socket
        if isIdle(own, localPort: localPort) { return own }
        return kept.first { isIdle($0.socket, localPort: localPort) }?.socket
    }

    private func isIdle(_ socket: Int32, localPort: Int32) -> Bool {
        guard let idle = sockets[socket].idle else { return false }
        return idle.localPort == localPort && idle.key / Self.size == index
    }

    /// Whether no key is in use.
    var isUnused: Bool { used == 0 }

    /// Adds a key; `keptConnections` is the limit of the whole client.
    func addKey(_ key: Int, keptConnections: Int) {
        let bit = UInt64(1) << UInt64(key % Self.size)
        guard used & bit == 0 else { return }
        used |= bit
        limitIdleConnections(keptConnections)
    }

    func removeKey(_ key: Int, keptConnections: Int) {
        used &= ~(UInt64(1) << UInt64(key % Self.size))
        self[key] = KeptConnection()
        limitIdleConnections(keptConnections)
    }

    /// Room for more than one connection of each key: those of second attempts, and those that
    /// were shut down and that libcurl has not closed yet.
    private static let slack = 8

    /// Lets the keys in use keep their connections if they are below `keptConnections`.
    func limitIdleConnections(_ keptConnections: Int) {
        let share = min(max(keptConnections - index * Self.size, 0), Self.size)
        let keeping = share == Self.size ? used : used & (UInt64(1) << UInt64(share) - 1)
        multi.limitIdleConnections(keeping == 0 ? 0 : keeping.nonzeroBitCount + Self.slack)
    }
}
