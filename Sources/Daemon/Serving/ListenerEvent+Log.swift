import Logging
import MicroHTTPServer
import Trust

extension ListenerEvent {
    /// The length at which texts of a client are cut.
    private static let mostShown = 200

    /// Logs the event: a shortage or a refusal as a warning, the end of a shortage as a notice.
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
        case .refused(let refusal, let path, let client, let omitted):
            log.warning(
                "request refused",
                metadata: [
                    "cause": "\(refusal.cause.rawValue)", "path": "\(path.prefix(Self.mostShown))",
                    "client": "\(client)", "detail": "\(refusal.detail.prefix(Self.mostShown))",
                    "omitted": "\(omitted)",
                ]
            )
        case .tokenWithoutTLS:
            log.warning(
                "a client sent a token over plain HTTP, where others can read it; use TLS"
            )
        }
    }
}
