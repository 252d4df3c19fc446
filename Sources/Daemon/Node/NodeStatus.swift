import Federation
import PeerSync
import Settings
import Timing

/// Everything there is to say about this node at one moment: what every computed page renders.
struct NodeStatus: Sendable {
    var identity: NodeIdentity
    var settings: Settings
    var lastReload: LastReload
    var report: Report
    var activity: Activity
    var local: LocalState
    /// Whether it was asked to stop and still serves.
    var isDraining: Bool
    /// Unix seconds of this moment.
    var wall: Double
    /// Seconds since the start.
    var uptime: Double

    var mode: Mode { settings.mode }

    /// What health calls ready, and the gauge `nova_federation_ready`; never what `/ready` says.
    ///
    /// Peers are synchronised, at least one is live, and the gate holds if there is one.
    var isReady: Bool {
        mode == .peerSync && report.ready
    }

    /// What is wrong with the local source, in a sentence; nil if nothing is.
    ///
    /// Numbers can become too old between two ticks, and their age is shown beside this.
    var sourceProblem: String? {
        if let problem = local.problem { return problem }
        guard local.isOld(at: wall) else { return nil }
        return "\(settings.localSource) gave numbers older than "
            + "\(Int(LocalState.staleAfterSeconds)) s"
    }

    /// Why it is not ready, for an operator; empty if it is.
    var reasons: [String] {
        guard mode == .peerSync else { return [Mode.singleNodeNotice] }
        guard report.liveCount > 0 else { return ["no peer is live"] }
        guard !report.ready, let least = settings.minPeerQuality else { return [] }
        return [
            """
            \(report.goodPeers) peers have a quality of \(least) or more, \
            \(settings.minGoodPeers) are needed
            """
        ]
    }
}

/// Makes a `NodeStatus` for whoever asks.
struct StatusBoard: Sendable {
    let identity: NodeIdentity
    let inForce: SettingsInForce
    let store: PeerStore
    let local: LocalNode<SystemTime>
    let pages: ReadyPages
    let time: SystemTime
    let started: Instant

    /// The status now.
    ///
    /// The report is worked out on the caller's thread.
    func status() -> NodeStatus {
        // Together: running time stands still from when the loop of the snapshot was to turn.
        let snapshot = store.latest
        let now = time.now
        let settings = inForce.settings
        return NodeStatus(
            identity: identity,
            settings: settings,
            lastReload: inForce.lastReload,
            report: Report(of: snapshot.ledger, at: now, scoring: settings.scoring),
            activity: snapshot.activity,
            local: local.latest,
            isDraining: pages.readiness == .draining,
            wall: time.wallNow,
            uptime: now.seconds(since: started)
        )
    }
}
