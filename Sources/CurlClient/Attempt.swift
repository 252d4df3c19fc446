internal import Timing

/// One try of a fetch: the connection that it uses, and its state.
struct Attempt {
    /// The connection that libcurl chose.
    enum Connection {
        case undecided
        case fresh
        /// A kept connection, and how long it idled; nil if this is unknown.
        case kept(idle: Duration?)
    }

    /// Whether libcurl must not use a kept connection.
    var needsFreshConnection = false
    /// When libcurl got the transfer.
    var began: Instant
    var connection = Connection.undecided
    /// The socket of the connection; -1 before there is one.
    var socket: Int32 = -1
    var localPort: Int32 = 0
    /// Whether libcurl tried to retry by itself.
    ///
    /// libcurl counts retries in the easy handle, over all its transfers, and fails at the sixth.
    /// Such a handle is therefore not reused.
    var hasRetried = false

    /// Whether the request uses, or was meant to use, a kept connection.
    var isOnKept: Bool {
        if case .kept = connection { true } else { false }
    }
}
