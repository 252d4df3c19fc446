import Federation

/// The page at `/federation/health`: how this node and its peers are doing.
///
/// Its fields stand in contracts/http.md.
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
