internal import Federation
package import JSON
internal import Settings

extension NodeStatus {
    /// The page at `/federation/health`: the state of this node and its peers.
    ///
    /// contracts/http.md describes the fields.
    package var healthPage: JSONOutput {
        [
            "ready": .bool(isReady),
            "draining": .bool(isDraining),
            "reasons": .list(reasons.map(JSONOutput.string)),
            "mode": .string(mode.rawValue),
            "node_id": .string(identity.nodeID),
            "instance": .string(identity.instance),
            "version": .string(settings.version),
            "uptime": .double(uptime),
            "now": .double(wall),
            "context": .string(local.context.rawValue),
            "novelty": .double(report.novelty),
            "source": source,
            "reload": [
                "ok": .bool(lastReload.isGood),
                "last_good": .double(lastReload.lastGood),
            ],
            "self": own,
            "peer_sync": peerSync,
            "peers": .list(report.peers.map(\.json)),
        ]
    }

    /// The source of this node's own numbers and its state.
    private var source: JSONOutput {
        [
            "kind": .string(settings.localSource.kind),
            "ok": .bool(sourceProblem == nil),
            "error": .text(sourceProblem),
            "age": .number(local.metrics.map { _ in max(0, wall - local.ts) }),
            "g_star_capped": .bool(local.isCapped),
        ]
    }

    /// The fields of Nova's own health page, under the same names.
    private var peerSync: JSONOutput {
        [
            "enabled": .bool(mode == .peerSync),
            "peer_count": .integer(report.liveCount),
            "configured": .integer(settings.peers.count),
            "context": .string(local.context.rawValue),
            "novelty": .double(report.novelty),
        ]
    }
}

extension PeerReport {
    fileprivate var json: JSONOutput {
        let (bounds, success) = (quality.bounds, quality.successRateBounds)
        return [
            "id": .string(peer.label),
            "url": .string(peer.url),
            "state": .string(state.rawValue),
            "state_age": .number(stateAgeSeconds),
            "identity": .string(identity.rawValue),
            "flags": .list(flags.map(JSONOutput.string)),
            "live": .bool(isLive),
            "counted": .bool(isCounted),
            "id_held_by": .text(holder),
            "same_numbers_as": .text(sameNumbersAs),
            "node_id": .text(nodeID),
            "version": .text(version),
            "last_seen": .number(lastSeenWall),
            "age": .number(ageSeconds),
            "ts_age": .number(tsAgeSeconds),
            "numbers_age": .number(numbersAgeSeconds),
            "address_age": .number(lastTimings?.addressAge),
            "g_star": .number(gStar),
            "quality": .double(quality.value),
            "quality_low": .double(bounds.low),
            "quality_high": .double(bounds.high),
            "success_rate": .double(quality.successRate),
            "success_rate_low": .double(success.low),
            "success_rate_high": .double(success.high),
            "latency_score": .double(quality.latencyScore),
            "freshness": .double(quality.freshness),
            "p95": .number(quality.latencyP95),
            "p95_low": .number(quality.latencyP95Bounds?.low),
            "p95_high": .number(quality.latencyP95Bounds?.high),
            "p95_confidence": .number(quality.latencyP95Confidence),
            "samples": .integer(quality.samples),
            "timings": lastTimings?.json ?? .null,
            "last_failure": lastFailure?.failure.json(age: lastFailureAgeSeconds) ?? .null,
        ]
    }

    private var flags: [String] {
        (identity == .duplicate || identity == .changing ? [identity.rawValue] : [])
            + (quality.lowConfidence ? ["low_confidence"] : [])
            + (sameNumbersAs == nil ? [] : ["same_numbers"]) + (isStale ? ["stale"] : [])
    }
}

extension Timings {
    /// When each part of the pull was complete; null if not needed or not reached.
    fileprivate var json: JSONOutput {
        func done(_ seconds: Double) -> JSONOutput { .number(seconds > 0 ? seconds : nil) }
        return [
            "dns": done(dns),
            "connect": done(connect),
            "tls": done(tls),
            "first_byte": done(firstByte),
            "total": .double(total),
        ]
    }
}

extension Failure {
    fileprivate func json(age: Double?) -> JSONOutput {
        [
            "reason": .string(reason.rawValue),
            "error_type": .string(reason.errorType.rawValue),
            "phase": .text(stage?.rawValue),
            "status": .count(status),
            "detail": .string(detail),
            "age": .number(age),
        ]
    }
}
