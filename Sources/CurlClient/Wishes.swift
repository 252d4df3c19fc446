/// What libcurl wants watched, written down by its callbacks and carried out after the call.
///
/// Carrying it out later costs nothing and cannot re-enter libcurl.
final class Wishes {
    var sockets: [SocketWish] = []
    /// Set by a callback, taken by the loop: -1 stops the timer.
    var timerMilliseconds: Int?
}

/// What libcurl wants to know about one socket; neither of the two means nothing any more.
struct SocketWish {
    var socket: Int32
    var reading: Bool
    var writing: Bool
}
