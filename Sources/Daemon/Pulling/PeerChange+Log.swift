import Federation
import Logging
import Timing

extension PeerChange {
    /// Writes each change as one line of the log.
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
                log.notice("peer has another node id", metadata: fields)
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
        case .unknown: "not known yet"
        case .ok: "one node, and nobody else claims its id"
        case .itself: "this node itself; it is pulled and counts for nothing"
        case .clone:
            "another node with our node id: a copied machine or NOVA_NODE_ID; never counted"
        case .duplicate: "another peer has the same node id and held it first; only that one counts"
        case .changing: "its node id keeps changing: is this the address of a load balancer?"
        }
    }
}
