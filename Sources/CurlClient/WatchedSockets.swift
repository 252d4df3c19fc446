internal import Timing

/// The events for which the event queue watches each socket, those that libcurl wants, and the idle
/// connections.
///
/// The socket of a kept connection stays watched between two fetches. That saves two system calls
/// for each fetch, and shows at once that the server closed the connection or sent unsolicited
/// bytes. On the client's thread only.
final class WatchedSockets {
    private struct Entry {
        var watched: Interest = []
        var wanted: Interest = []
        var idle: IdleConnection?
    }

    /// By descriptor.
    private var entries: [Entry] = []

    /// Forgets a socket number, because a socket with it was created or closed.
    func reset(_ socket: Int32) {
        guard entries.indices.contains(Int(socket)) else { return }
        entries[Int(socket)] = Entry()
    }

    /// Sets the events that libcurl wants; returns whether the event queue must be changed.
    func setWanted(_ interest: Interest, on socket: Int32) -> Bool {
        while entries.count <= Int(socket) { entries.append(Entry()) }
        entries[Int(socket)].wanted = interest
        guard !interest.isEmpty else { return false }
        entries[Int(socket)].idle = nil
        return setWatched(interest, on: socket)
    }

    /// Sets the events for which a socket is watched; returns whether that is a change.
    func setWatched(_ interest: Interest, on socket: Int32) -> Bool {
        guard entries[Int(socket)].watched != interest else { return false }
        entries[Int(socket)].watched = interest
        return true
    }

    /// Whether a socket is open and watched.
    func isWatched(_ socket: Int32) -> Bool {
        entries.indices.contains(Int(socket)) && !entries[Int(socket)].watched.isEmpty
    }

    /// Whether libcurl wants no events of a socket.
    func isIdle(_ socket: Int32) -> Bool {
        !entries.indices.contains(Int(socket)) || entries[Int(socket)].wanted.isEmpty
    }

    /// Notes that a socket is no longer watched, and its connection no longer kept.
    func unwatch(_ socket: Int32) {
        guard entries.indices.contains(Int(socket)) else { return }
        entries[Int(socket)].watched = []
        entries[Int(socket)].idle = nil
    }

    /// Notes that the connection of a socket is idle.
    func setIdle(_ connection: IdleConnection, on socket: Int32) {
        entries[Int(socket)].idle = connection
    }

    /// The idle connection of a socket; nil if it is in use, closed or unknown.
    func idleConnection(on socket: Int32) -> IdleConnection? {
        entries.indices.contains(Int(socket)) ? entries[Int(socket)].idle : nil
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
