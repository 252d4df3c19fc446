import Federation
import Logging
import StateStore
import Timing

extension PeerChange {
    /// Records each change as an event, and logs it.
    func record(in record: EventLog, to log: Logger, lateness: Duration) {
        for change in events {
            switch change {
            case .up(let downtime):
                let seconds = downtime.map { "\(Int($0.inSeconds.rounded()))" }
                let event = record.recordChange(.peerUp, of: peer, lateness: lateness) {
                    $0.lasted = downtime?.inSeconds
                }
                logState(event, "peer is up", .notice, ["down_seconds": seconds], to: log)
            case .down(let failure, let uptime):
                let event = record.recordChange(.peerDown, of: peer, lateness: lateness) {
                    $0.fill(with: failure)
                    $0.lasted = uptime?.inSeconds
                }
                logState(event, "peer is down", .warning, failure.fields, to: log)
            case .identity(let from, let to):
                let event = record.record(.identity, of: peer, lateness: lateness) {
                    ($0.reason, $0.from, $0.to) = ("state", from.rawValue, to.rawValue)
                }
                log.log(
                    level: to.isTrouble ? .warning : .notice,
                    "peer identity: \(to.meaning)",
                    metadata: fields(["from": from.rawValue, "to": to.rawValue], event)
                )
            case .nodeID(let from, let to):
                let event = record.record(.identity, of: peer, lateness: lateness) {
                    ($0.reason, $0.from, $0.to) = ("node_id", from, to)
                }
                log.notice(
                    "peer changed its node id",
                    metadata: fields(["from": from, "to": to], event)
                )
            case .sameNumbers(let other):
                let event = record.record(.identity, of: peer, lateness: lateness) {
                    ($0.reason, $0.to) = ("same_numbers", other)
                }
                log.warning(
                    """
                    two peers publish the same numbers with the same ts: one machine is probably \
                    listed twice, as a Nova and as the nova-federation beside it
                    """,
                    metadata: fields(["other": other], event)
                )
            case .stale(let span), .fresh(let span):
                recordNumbers(change, span, in: record, to: log, lateness: lateness)
            }
        }
    }

    /// Records and logs that the numbers are stale or no longer are; `span` is the time before.
    private func recordNumbers(
        _ change: Event,
        _ span: Duration,
        in record: EventLog,
        to log: Logger,
        lateness: Duration
    ) {
        let seconds = "\(Int(span.inSeconds.rounded()))"
        if case .stale = change {
            let event = record.record(.stale, of: peer, lateness: lateness) {
                $0.lasted = span.inSeconds
            }
            log.warning(
                "peer is stale: it answers, but its numbers have not changed; it does not count",
                metadata: fields(["unchanged_seconds": seconds], event)
            )
        } else {
            let event = record.record(.fresh, of: peer, lateness: lateness) {
                $0.lasted = span.inSeconds
            }
            log.notice("peer is fresh again", metadata: fields(["stale_seconds": seconds], event))
        }
    }

    /// Logs that the peer is up or down, unless it is flapping.
    private func logState(
        _ event: EventLog.ChangeRecord,
        _ message: Logger.Message,
        _ level: Logger.Level,
        _ others: [String: String?],
        to log: Logger
    ) {
        switch event {
        case .recorded(let id): log.log(level: level, message, metadata: fields(others, id))
        case .startedFlapping(let id, let count):
            log.warning(
                "peer is flapping; further changes are counted and not logged",
                metadata: fields(["changes": "\(count)"], id)
            )
        case .counted: break
        }
    }

    /// The fields of every record of a peer, and those of `others` that have a value.
    private func fields(_ others: [String: String?], _ event: Int64) -> Logger.Metadata {
        let own: [String: String?] = [
            "peer": peer.label, "node_id": nodeID, "event": "\(event)",
        ]
        return own.merging(others) { $1 }.compactMapValues { $0.map { "\($0)" } }
    }
}

extension EventRow {
    fileprivate mutating func fill(with failure: Failure) {
        (reason, phase, status) = (failure.reason.rawValue, failure.stage?.rawValue, failure.status)
        detail = failure.detail.isEmpty ? nil : failure.detail
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
