internal import Timing

/// The state of each socket, by descriptor; the entry of an unknown one is empty.
///
/// The socket of a kept connection stays watched between two fetches. That saves two system calls
/// for each fetch, and shows at once that the server closed the connection or sent unsolicited
/// bytes. On the client's thread only.
final class WatchedSockets {
    struct Entry {
        /// The events for which the event queue watches the socket.
        var watched: Interest = []
        /// The events that libcurl wants; none while the connection is idle.
        var wanted: Interest = []
        /// The idle connection; nil if it is in use, closed or unknown.
        var idle: IdleConnection?
        /// The TLS generation of the transfer that opened it.
        var tlsGeneration = 0
    }

    private var entries: [Entry] = []

    subscript(socket: Int32) -> Entry {
        get { entries.indices.contains(Int(socket)) ? entries[Int(socket)] : Entry() }
        _modify {
            while entries.count <= Int(socket) { entries.append(Entry()) }
            yield &entries[Int(socket)]
        }
    }

    /// The idle connections, by socket.
    var idle: [(socket: Int32, connection: IdleConnection)] {
        entries.enumerated()
            .compactMap { socket, entry in
                entry.idle.map { (socket: Int32(socket), connection: $0) }
            }
    }

    /// Forgets a socket number, because a socket with it was created or closed.
    func reset(_ socket: Int32) {
        self[socket] = Entry()
    }

    /// Sets the events that libcurl wants; returns whether the event queue must be changed.
    func setWanted(_ interest: Interest, on socket: Int32) -> Bool {
        self[socket].wanted = interest
        guard !interest.isEmpty else { return false }
        self[socket].idle = nil
        defer { self[socket].watched = interest }
        return self[socket].watched != interest
    }

    /// Notes that a socket is no longer watched, and its connection no longer kept.
    func unwatch(_ socket: Int32) {
        self[socket].watched = []
        self[socket].idle = nil
    }
}

/// A kept connection between two fetches.
struct IdleConnection {
    /// The key of the latest fetch.
    var key: Int
    /// The local port, by which libcurl identifies a connection.
    var localPort: Int32
    /// Whether it uses TLS, which may send records of its own at any time.
    var isSecure: Bool
    var since: Instant
    /// How long it may idle and still be used, as the server announced; nil if it did not.
    var announcedLimit: Duration?
}
