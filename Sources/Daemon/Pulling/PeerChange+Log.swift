import Federation
import Logging
import Timing

extension PeerChange {
    /// Logs each change as one record.
    func write(to log: Logger) {
        for change in events {
            switch change {
            case .up(let downtime):
                var fields = metadata
                if let downtime { fields["down_seconds"] = "\(Int(downtime.inSeconds.rounded()))" }
                log.notice("peer is up", metadata: fields)
            case .down(let failure):
                log.warning("peer is down", metadata: metadata.merging(failure.metadata) { $1 })
            case .identity(let from, let to):
                var fields = metadata
                fields["from"] = "\(from.rawValue)"
                fields["to"] = "\(to.rawValue)"
                log.log(
                    level: to.isTrouble ? .warning : .notice,
                    "peer identity: \(to.meaning)",
                    metadata: fields
                )
            case .nodeID(let from, let to):
                var fields = metadata
                fields["from"] = "\(from)"
                fields["to"] = "\(to)"
                log.notice("peer changed its node id", metadata: fields)
            case .sameNumbers(let other):
                var fields = metadata
                fields["other"] = "\(other)"
                log.warning(
                    """
                    two peers publish the same numbers with the same ts: one machine is probably \
                    listed twice, as a Nova and as the nova-federation beside it
                    """,
                    metadata: fields
                )
            }
        }
    }

    private var metadata: Logger.Metadata {
        var fields: Logger.Metadata = ["peer": "\(peer.label)"]
        if let nodeID { fields["node_id"] = "\(nodeID)" }
        return fields
    }
}

extension Failure {
    fileprivate var metadata: Logger.Metadata {
        var fields: Logger.Metadata = ["reason": "\(reason.rawValue)"]
        if !detail.isEmpty { fields["detail"] = "\(detail)" }
        if let stage { fields["phase"] = "\(stage.rawValue)" }
        if let status { fields["status"] = "\(status)" }
        return fields
    }
}

extension IdentityState {
    fileprivate var isTrouble: Bool {
        switch self {
        case .clone, .duplicate, .changing: true
        case .ok, .itself, .unknown: false
        }
    }

    /// For an operator.
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
