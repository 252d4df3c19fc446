import Glibc

/// What waits to be read from a socket.
enum Unread {
    case nothing
    case bytes
    /// The other side has ended the connection.
    case end
}

/// Looks at what waits to be read, and leaves it there.
func unread(on socket: Int32) -> Unread {
    var byte: UInt8 = 0
    let count = unsafe recv(socket, &byte, 1, Int32(MSG_PEEK | MSG_DONTWAIT))
    if count > 0 { return .bytes }
    return count < 0 && errno == EAGAIN ? .nothing : .end
}

/// Ends a connection in both directions and throws away what has come.
///
/// The descriptor stays libcurl's. Where bytes wait it would take the connection for a good one;
/// with the end of the stream it drops it. Once both directions are shut down, Linux answers what
/// still comes with a reset, so the loop ends.
func endConnection(_ socket: Int32) {
    _ = shutdown(socket, Int32(SHUT_RDWR))
    let discard = Int32(MSG_DONTWAIT | MSG_TRUNC)
    while recv(socket, nil, 1 << 20, discard) > 0 {}
}
