import Glibc

/// The unread data of a socket.
enum Unread {
    case nothing
    case bytes
    /// The other side closed the connection.
    case end
}

/// Peeks at the unread data of a socket.
func unread(on socket: Int32) -> Unread {
    var byte: UInt8 = 0
    let count = unsafe recv(socket, &byte, 1, Int32(MSG_PEEK | MSG_DONTWAIT))
    if count > 0 { return .bytes }
    return count < 0 && errno == EAGAIN ? .nothing : .end
}

/// Shuts down a connection in both directions and discards its unread data.
///
/// libcurl keeps the descriptor. It would consider a connection with unread bytes alive; at the end
/// of the stream it drops the connection. After the shutdown Linux answers further segments with a
/// reset, so the loop terminates.
func shutDown(_ socket: Int32) {
    _ = shutdown(socket, Int32(SHUT_RDWR))
    let discard = Int32(MSG_DONTWAIT | MSG_TRUNC)
    while recv(socket, nil, 1 << 20, discard) > 0 {}
}
