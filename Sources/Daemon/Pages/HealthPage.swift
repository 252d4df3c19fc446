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
        var error: Nullable<String>
        var age: Nullable<Double>
        /// Whether G* is held down for want of peers; never that of a source that is not builtin.
        var isCapped: Bool

        enum CodingKeys: String, CodingKey {
            case kind
            case ok
            case error
            case age
            case isCapped = "g_star_capped"
        }
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
            kind: status.settings.localSource.kind,
            ok: local.problem == nil,
            error: Nullable(local.problem),
            age: Nullable(local.metrics.map { _ in max(0, status.wall - local.ts) }),
            isCapped: status.settings.localSource == .builtin && report.liveCount < 2
        )
        peerSync = PeerSyncPart(
            enabled: status.mode == .peerSync,
            peerCount: report.liveCount,
            configured: report.peers.count,
            context: context,
            novelty: novelty
        )
        peers = report.peers.map { PeerPart($0, wall: status.wall) }
    }
}

/// What health says of one peer; null where there is nothing to say yet.
struct PeerPart: Encodable {
    var id: String
    var url: String
    var state: String
    var identity: String
    var flags: [String]
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
    var lastFailure: Nullable<FailurePart>

    enum CodingKeys: String, CodingKey {
        case id
        case url
        case state
        case identity
        case flags
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
        case lastFailure = "last_failure"
    }

    /// The last failed pull.
    struct FailurePart: Encodable {
        var reason: String
        var errorType: String
        var phase: Nullable<String>
        var status: Nullable<Int>
        var detail: String
        var age: Double

        enum CodingKeys: String, CodingKey {
            case reason
            case errorType = "error_type"
            case phase
            case status
            case detail
            case age
        }
    }

    /// - Parameter wall: Our wall clock now, in Unix seconds.
    init(_ peer: PeerReport, wall: Double) {
        id = peer.peer.label
        url = peer.peer.url
        state = peer.state.rawValue
        identity = peer.identity.rawValue
        flags =
            (peer.identity == .duplicate || peer.identity == .changing ? [identity] : [])
            + (peer.quality.lowConfidence ? ["low_confidence"] : [])
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
        lastFailure = Nullable(
            peer.lastFailure.map { last in
                FailurePart(
                    reason: last.failure.reason.rawValue,
                    errorType: last.failure.reason.errorType.rawValue,
                    phase: Nullable(last.failure.phase?.rawValue),
                    status: Nullable(last.failure.status),
                    detail: last.failure.detail,
                    age: max(0, wall - last.wall)
                )
            }
        )
    }
}
