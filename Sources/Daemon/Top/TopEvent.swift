import NodeClient
import Synchronization

/// Something that changes the screen of `top`.
enum TopEvent: Sendable {
    case read([UInt8])
    /// Nothing followed this read for a short time.
    case pause(afterRead: Int)
    case response(Result<TopSnapshot, NodeFailure>)
    /// A second has passed, or the size has changed.
    case draw
    /// The process continues after it was stopped.
    case resume
    case stop
}

/// The name of the peer shown in detail, whose events are requested; from any thread.
final class WatchedPeer: Sendable {
    private let value = Mutex<String?>(nil)

    var name: String? {
        get { value.withLock { $0 } }
        set { value.withLock { $0 = newValue } }
    }
}
