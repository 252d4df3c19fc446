/// What the event queue watches each socket for, and what libcurl wants of it.
///
/// The socket of a kept connection stays watched although nothing is wanted of it, so that the next
/// transfer costs no system call to put it in again. A socket that becomes ready while it rests was
/// closed by the other side.
struct WatchedSockets {
    private struct Entry {
        var watched: Interest = []
        var wanted: Interest = []
    }

    /// By descriptor.
    private var entries: [Entry] = []

    /// Notes what libcurl wants of a socket; true if the event queue must be told.
    mutating func want(_ interest: Interest, of socket: Int32) -> Bool {
        while entries.count <= Int(socket) { entries.append(Entry()) }
        entries[Int(socket)].wanted = interest
        guard !interest.isEmpty, interest != entries[Int(socket)].watched else { return false }
        entries[Int(socket)].watched = interest
        return true
    }

    /// Whether nothing is wanted of a socket.
    func isResting(_ socket: Int32) -> Bool {
        !entries.indices.contains(Int(socket)) || entries[Int(socket)].wanted.isEmpty
    }

    /// A socket is no longer watched, or is a new one with the number of one that was closed.
    mutating func forget(_ socket: Int32) {
        guard entries.indices.contains(Int(socket)) else { return }
        entries[Int(socket)] = Entry()
    }
}
