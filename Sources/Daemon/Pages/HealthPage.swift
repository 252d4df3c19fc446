import Federation

/// `GET /federation/health`: how this node and its peers are doing. Shapes: contracts/http.md.
struct HealthPage: Encodable {
    var ready: Bool
    var reasons: [String]
    var mode: String
    var nodeID: String
    var instance: String
    var version: String
    var uptime: Double
    var context: String
    var novelty: Double
    var source: Source
    var peerSync: PeerSyncPart
    var peers: [PeerPart]

    enum CodingKeys: String, CodingKey {
        case ready
        case reasons
        case mode
        case nodeID = "node_id"
        case instance
        case version
        case uptime
        case context
        case novelty
        case source
        case peerSync = "peer_sync"
        case peers
    }

    /// Where this node's own numbers come from, and how that goes.
    struct Source: Encodable {
        var kind: String
        var ok: Bool
        var problem: Nullable<String>
        var ts: Nullable<Double>
        var age: Nullable<Double>
        /// Whether the single-node cap may touch the G* of the source.
        var capped: Bool
    }

    /// The part that the original has, in its words.
    struct PeerSyncPart: Encodable {
        var enabled: Bool
        /// Live peers, as in the original.
        var peerCount: Int
        var configured: Int
        var context: String
        var novelty: Double

        enum CodingKeys: String, CodingKey {
            case enabled
            case peerCount = "peer_count"
            case configured
            case context
            case novelty
        }
    }

    init(of status: NodeStatus) {
        let report = status.report
        ready = status.isReady
        reasons = status.reasons
        mode = status.mode.rawValue
        nodeID = status.identity.nodeID
        instance = status.identity.instance
        version = status.settings.version
        uptime = status.uptime
        context = status.local.context.rawValue
        novelty = report.novelty
        let local = status.local
        source = Source(
            kind: status.settings.localSource.description, ok: local.problem == nil,
            problem: Nullable(local.problem), ts: Nullable(local.metrics.map { _ in local.ts }),
            age: Nullable(local.metrics.map { _ in max(0, status.wall - local.ts) }),
            capped: status.settings.localSource == .builtin)
        peerSync = PeerSyncPart(
            enabled: status.mode == .peerSync, peerCount: report.liveCount,
            configured: report.peers.count, context: context, novelty: novelty)
        peers = report.peers.map(PeerPart.init)
    }
}

/// What health says of one peer; null where there is nothing to say yet.
struct PeerPart: Encodable {
    var id: String
    var state: String
    var identity: String
    var live: Bool
    var nodeID: Nullable<String>
    var version: Nullable<String>
    var lastSeen: Nullable<Double>
    var age: Nullable<Double>
    var tsAge: Nullable<Double>
    var addressAge: Nullable<Double>
    var gStar: Nullable<Double>
    var quality: Double
    var successRate: Double
    var latencyScore: Double
    var freshness: Double
    var p95: Nullable<Double>
    var samples: Int
    var lowConfidence: Bool
    var lastFailure: Nullable<FailurePart>

    enum CodingKeys: String, CodingKey {
        case id
        case state
        case identity
        case live
        case nodeID = "node_id"
        case version
        case lastSeen = "last_seen"
        case age
        case tsAge = "ts_age"
        case addressAge = "address_age"
        case gStar = "g_star"
        case quality
        case successRate = "success_rate"
        case latencyScore = "latency_score"
        case freshness
        case p95
        case samples
        case lowConfidence = "low_confidence"
        case lastFailure = "last_failure"
    }

    /// The last failed pull.
    struct FailurePart: Encodable {
        var reason: String
        var errorType: String
        var phase: Nullable<String>
        var status: Nullable<Int>
        var detail: String
        var at: Double

        enum CodingKeys: String, CodingKey {
            case reason
            case errorType = "error_type"
            case phase
            case status
            case detail
            case at
        }
    }

    init(_ peer: PeerReport) {
        id = peer.peer.label
        state = peer.state.rawValue
        identity = peer.identity.rawValue
        live = peer.isLive
        nodeID = Nullable(peer.nodeID)
        version = Nullable(peer.version)
        lastSeen = Nullable(peer.lastSeenWall)
        age = Nullable(peer.ageSeconds)
        tsAge = Nullable(peer.tsAgeSeconds)
        addressAge = Nullable(peer.lastTimings?.addressAge)
        gStar = Nullable(peer.gStar)
        quality = peer.quality.value
        successRate = peer.quality.successRate
        latencyScore = peer.quality.latencyScore
        freshness = peer.quality.freshness
        p95 = Nullable(peer.quality.latencyP95)
        samples = peer.quality.samples
        lowConfidence = peer.quality.lowConfidence
        lastFailure = Nullable(
            peer.lastFailure.map { last in
                FailurePart(
                    reason: last.failure.reason.rawValue,
                    errorType: last.failure.reason.errorType.rawValue,
                    phase: Nullable(last.failure.phase?.rawValue),
                    status: Nullable(last.failure.status), detail: last.failure.detail,
                    at: last.wall)
            })
    }
}
