internal import Federation
package import JSON
internal import Settings

/// The page at `/federation/health`: the state of this node and its peers.
///
/// contracts/http.md describes the fields.
package struct HealthPage {
    let status: NodeStatus

    package init(status: NodeStatus) { self.status = status }

    package var json: JSONOutput {
        [
            "ready": .bool(status.isReady),
            "reasons": .list(status.reasons.map(JSONOutput.string)),
            "mode": .string(status.mode.rawValue),
            "node_id": .string(status.identity.nodeID),
            "instance": .string(status.identity.instance),
            "version": .string(status.settings.version),
            "uptime": .double(status.uptime),
            "context": context,
            "novelty": novelty,
            "source": source,
            "reload": reload,
            "peer_sync": peerSync,
            "peers": .list(status.report.peers.map(Self.peer)),
        ]
    }

    private var context: JSONOutput { .string(status.local.context.rawValue) }
    private var novelty: JSONOutput { .double(status.report.novelty) }

    /// The source of this node's own numbers and its state.
    private var source: JSONOutput {
        let local = status.local
        let kind = status.settings.localSource
        return [
            "kind": .string(kind.kind),
            "ok": .bool(status.sourceProblem == nil),
            "error": .text(status.sourceProblem),
            "age": .number(local.metrics.map { _ in max(0, status.wall - local.ts) }),
            "g_star_capped": .bool(local.isCapped),
        ]
    }

    /// The result of the last reload; startup counts as one.
    private var reload: JSONOutput {
        [
            "ok": .bool(status.lastReload.isGood),
            "last_good": .double(status.lastReload.lastGood),
        ]
    }

    /// The part that the original has, with its names.
    private var peerSync: JSONOutput {
        [
            "enabled": .bool(status.mode == .peerSync),
            "peer_count": .integer(status.report.liveCount),
            "configured": .integer(status.settings.peers.count),
            "context": context,
            "novelty": novelty,
        ]
    }

    private static func peer(_ peer: PeerReport) -> JSONOutput {
        [
            "id": .string(peer.peer.label),
            "url": .string(peer.peer.url),
            "state": .string(peer.state.rawValue),
            "identity": .string(peer.identity.rawValue),
            "flags": .list(flags(of: peer).map(JSONOutput.string)),
            "live": .bool(peer.isLive),
            "counted": .bool(peer.isCounted),
            "id_held_by": .text(peer.holder),
            "same_numbers_as": .text(peer.sameNumbersAs),
            "node_id": .text(peer.nodeID),
            "version": .text(peer.version),
            "last_seen": .number(peer.lastSeenWall),
            "age": .number(peer.ageSeconds),
            "ts_age": .number(peer.tsAgeSeconds),
            "address_age": .number(peer.lastTimings?.addressAge),
            "g_star": .number(peer.gStar),
            "quality": .double(peer.quality.value),
            "success_rate": .double(peer.quality.successRate),
            "latency_score": .double(peer.quality.latencyScore),
            "freshness": .double(peer.quality.freshness),
            "p95": .number(peer.quality.latencyP95),
            "samples": .integer(peer.quality.samples),
            "timings": peer.lastTimings.map(timings) ?? .null,
            "last_failure": peer.lastFailure.map {
                failure($0.failure, age: peer.lastFailureAgeSeconds)
            } ?? .null,
        ]
    }

    private static func flags(of peer: PeerReport) -> [String] {
        (peer.identity == .duplicate || peer.identity == .changing ? [peer.identity.rawValue] : [])
            + (peer.quality.lowConfidence ? ["low_confidence"] : [])
            + (peer.sameNumbersAs == nil ? [] : ["same_numbers"])
    }

    /// When each part of the latest pull was complete; null if not needed or not reached.
    private static func timings(_ timings: Timings) -> JSONOutput {
        func done(_ seconds: Double) -> JSONOutput { .number(seconds > 0 ? seconds : nil) }
        return [
            "dns": done(timings.dns),
            "connect": done(timings.connect),
            "tls": done(timings.tls),
            "first_byte": done(timings.firstByte),
            "total": .double(timings.total),
        ]
    }

    private static func failure(_ failure: Failure, age: Double?) -> JSONOutput {
        [
            "reason": .string(failure.reason.rawValue),
            "error_type": .string(failure.reason.errorType.rawValue),
            "phase": .text(failure.stage?.rawValue),
            "status": .count(failure.status),
            "detail": .string(failure.detail),
            "age": .number(age),
        ]
    }
}
