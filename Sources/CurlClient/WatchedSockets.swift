/// What the event queue watches each socket for, what libcurl wants of it, and which connections
/// rest.
///
/// The socket of a kept connection stays watched although nothing is wanted of it, so that the next
/// transfer costs no system call to put it in again, and so that we see at once when the other side
/// closes the connection or sends what nobody asked for. On the client's thread only.
final class WatchedSockets {
    private struct Entry {
        var watched: Interest = []
        var wanted: Interest = []
        var idle: IdleConnection?
    }

    /// By descriptor.
    private var entries: [Entry] = []

    /// A socket was made, or closed: whatever was known of its number is no longer true.
    func reset(_ socket: Int32) {
        guard entries.indices.contains(Int(socket)) else { return }
        entries[Int(socket)] = Entry()
    }

    /// Notes what libcurl wants of a socket; true if the event queue must be told.
    func want(_ interest: Interest, of socket: Int32) -> Bool {
        while entries.count <= Int(socket) { entries.append(Entry()) }
        entries[Int(socket)].wanted = interest
        guard !interest.isEmpty else { return false }
        entries[Int(socket)].idle = nil
        return watch(socket, for: interest)
    }

    /// Notes what a socket is watched for; true if that is new.
    func watch(_ socket: Int32, for interest: Interest) -> Bool {
        guard entries[Int(socket)].watched != interest else { return false }
        entries[Int(socket)].watched = interest
        return true
    }

    /// Whether a socket is open and watched.
    func isWatched(_ socket: Int32) -> Bool {
        entries.indices.contains(Int(socket)) && !entries[Int(socket)].watched.isEmpty
    }

    /// Whether nothing is wanted of a socket.
    func isIdle(_ socket: Int32) -> Bool {
        !entries.indices.contains(Int(socket)) || entries[Int(socket)].wanted.isEmpty
    }

    /// A socket is no longer watched, and its connection no longer kept.
    func unwatch(_ socket: Int32) {
        guard entries.indices.contains(Int(socket)) else { return }
        entries[Int(socket)].watched = []
        entries[Int(socket)].idle = nil
    }

    /// The connection of a socket rests.
    func setIdle(_ connection: IdleConnection, on socket: Int32) {
        entries[Int(socket)].idle = connection
    }

    /// The rest of the connection with this socket; nil if it is in use, closed or unknown.
    func idleConnection(on socket: Int32) -> IdleConnection? {
        entries.indices.contains(Int(socket)) ? entries[Int(socket)].idle : nil
    }
}

/// A kept connection between two GETs.
struct IdleConnection {
    /// Whose GET was the last.
    var key: Int
    /// The port of this end, by which libcurl names a connection.
    var localPort: Int32
    /// Whether it speaks TLS, which may send something of its own at any time.
    var isSecure: Bool
    /// Since when, in nanoseconds.
    var since: Int64
    /// How long it may idle and be used, by what the other side announced; `.max` if nothing.
    var life: Int64
}
