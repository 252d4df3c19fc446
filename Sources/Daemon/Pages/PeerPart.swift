import Federation

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

    /// - Parameters:
    ///   - peer: The peer at the moment of the status.
    ///   - wall: Our wall clock at that moment, in Unix seconds.
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
