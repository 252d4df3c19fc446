/// What libcurl wants, written down by its callbacks and carried out in order after the call.
///
/// Carrying it out later costs nothing and cannot re-enter libcurl.
final class PendingActions {
    var list: [PendingAction] = []
}

/// One of them.
enum PendingAction {
    /// A socket was made.
    case opened(Int32)
    /// A socket was closed.
    case closed(Int32)
    /// A socket is to be watched for this, from now on; for nothing while its connection idles.
    case watch(Int32, Interest)
    /// To be called in so many milliseconds; -1 for never.
    case timer(milliseconds: Int)
}

/// What a socket is watched for.
struct Interest: OptionSet {
    var rawValue: UInt8

    static let reading = Interest(rawValue: 1)
    static let writing = Interest(rawValue: 2)
    /// Only the end of the connection, not what comes before it.
    static let ending = Interest(rawValue: 4)
}
