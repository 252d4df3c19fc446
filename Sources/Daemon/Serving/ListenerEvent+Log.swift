import Logging
import MicroHTTPServer

extension ListenerEvent {
    /// Logs the event: a shortage as a warning, its end as a notice.
    func write(to log: Logger) {
        switch self {
        case .connectionsShort(let limit):
            log.warning(
                "connection limit reached; evicting connections, idle ones first",
                metadata: ["limit": "\(limit)"]
            )
        case .connectionsEnough(let closed):
            log.notice("connections below the limit again", metadata: ["closed": "\(closed)"])
        case .descriptorsShort(let limit):
            log.warning(
                "out of file descriptors, closing idle connections and pausing accept",
                metadata: ["limit": "\(limit)"]
            )
        case .descriptorsEnough:
            log.notice("enough file descriptors again")
        }
    }
}
