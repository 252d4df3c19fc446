import Federation
import Logging
import Timing

extension PeerChange {
    /// Logs each change as one record.
    func write(to log: Logger) {
        for change in events {
            switch change {
            case .up(let downtime):
                let seconds = downtime.map { "\(Int($0.inSeconds.rounded()))" }
                log.notice("peer is up", metadata: fields(["down_seconds": seconds]))
            case .down(let failure):
                log.warning("peer is down", metadata: fields(failure.fields))
            case .identity(let from, let to):
                log.log(
                    level: to.isTrouble ? .warning : .notice,
                    "peer identity: \(to.meaning)",
                    metadata: fields(["from": from.rawValue, "to": to.rawValue])
                )
            case .nodeID(let from, let to):
                log.notice("peer changed its node id", metadata: fields(["from": from, "to": to]))
            case .sameNumbers(let other):
                log.warning(
                    """
                    two peers publish the same numbers with the same ts: one machine is probably \
                    listed twice, as a Nova and as the nova-federation beside it
                    """,
                    metadata: fields(["other": other])
                )
            }
        }
    }

    /// The fields of every record of a peer, and those of `others` that have a value.
    private func fields(_ others: [String: String?]) -> Logger.Metadata {
        let own: [String: String?] = ["peer": peer.label, "node_id": nodeID]
        return own.merging(others) { $1 }.compactMapValues { $0.map { "\($0)" } }
    }
}

extension Failure {
    fileprivate var fields: [String: String?] {
        [
            "reason": reason.rawValue, "detail": detail.isEmpty ? nil : detail,
            "phase": stage?.rawValue, "status": status.map(String.init),
        ]
    }
}

extension IdentityState {
    fileprivate var isTrouble: Bool {
        switch self {
        case .clone, .duplicate, .changing: true
        case .ok, .itself, .unknown: false
        }
    }

    fileprivate var meaning: String {
        switch self {
        case .unknown: "unknown"
        case .ok: "a node whose id no other peer has"
        case .itself: "this node itself; pulled, never counted"
        case .clone:
            "another node with our node id: a copied machine or NOVA_NODE_ID; never counted"
        case .duplicate: "another peer had the same node id first; only that peer counts"
        case .changing: "its node id keeps changing; the URL may be that of a load balancer"
        }
    }
}
