/// What libcurl's callbacks request, in order; carried out after libcurl's call has returned.
///
/// Acting inside a callback could re-enter libcurl.
final class PendingActions {
    var list: [PendingAction] = []
}

/// One request of a callback.
enum PendingAction {
    /// A socket was created, by a transfer with this TLS generation.
    case opened(Int32, tlsGeneration: Int)
    /// A socket was closed.
    case closed(Int32)
    /// Watch a socket for these events; none while its connection is idle.
    case watch(Int32, Interest)
    /// Set libcurl's timer, from now; nil stops it.
    case timer(Duration?)
}

/// The events for which a socket is watched.
struct Interest: OptionSet {
    var rawValue: UInt8

    static let reading = Interest(rawValue: 1)
    static let writing = Interest(rawValue: 2)
    /// The end of the connection, but no bytes before it.
    static let ending = Interest(rawValue: 4)
}
