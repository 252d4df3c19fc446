/// One try of a GET: on which connection, and how far it came.
struct Attempt {
    /// The connection that libcurl chose.
    enum Connection {
        case undecided
        case fresh
        /// One that rested for so long, in nanoseconds; 0 if that says nothing about its life.
        case kept(idle: Int64)
    }

    /// Whether it must not use a kept connection.
    var needsFreshConnection = false
    /// When libcurl got it.
    var began: Int64
    var connection = Connection.undecided
    /// The socket of its connection; -1 while there is none.
    var socket: Int32 = -1
    var localPort: Int32 = 0
    /// Whether libcurl has begun to retry by itself.
    ///
    /// It counts these retries in the easy handle, over all its transfers, and fails at the sixth,
    /// so the handle is not used again.
    var hasRetried = false

    /// Whether the request was to go, or went, over a kept connection.
    var isOnKept: Bool {
        if case .kept = connection { true } else { false }
    }
}
