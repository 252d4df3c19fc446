package import Federation
package import Settings

/// The state of this node at one moment, which every computed page renders.
package struct NodeStatus: Sendable {
    var identity: NodeIdentity
    var settings: Settings
    var lastReload: LastReload
    package var report: Report
    var activity: Activity
    var local: LocalState
    /// Who pulls this node.
    var heard: Heard
    /// Whether it shuts down and still serves.
    var isDraining: Bool
    /// Unix seconds of this moment.
    var wall: Double
    /// Seconds since the start.
    var uptime: Double

    package init(
        identity: NodeIdentity,
        settings: Settings,
        lastReload: LastReload,
        report: Report,
        activity: Activity,
        local: LocalState,
        heard: Heard,
        isDraining: Bool,
        wall: Double,
        uptime: Double
    ) {
        (self.identity, self.settings, self.lastReload) = (identity, settings, lastReload)
        (self.report, self.activity, self.local) = (report, activity, local)
        (self.heard, self.isDraining) = (heard, isDraining)
        (self.wall, self.uptime) = (wall, uptime)
    }

    var mode: Mode { settings.mode }

    /// `ready` of the health page and `nova_federation_ready`; `/ready` does not depend on it.
    ///
    /// True if peers are pulled, at least one is live, and the quality gate, if set, is met.
    var isReady: Bool { mode == .peerSync && report.ready }

    /// The problem of the local source, as a sentence; nil if there is none.
    ///
    /// Numbers can become too old between two ticks; pages show their age beside this.
    var sourceProblem: String? {
        if let problem = local.problem { return problem }
        guard local.isOld(at: wall) else { return nil }
        return "\(settings.localSource) has numbers older than "
            + "\(Int(LocalState.staleAfterSeconds)) s"
    }

    /// Why the node is not ready, and why it cannot judge its peers.
    var reasons: [String] {
        guard mode == .peerSync else { return [Mode.singleNodeNotice] }
        return readinessReasons + ownReasons
    }

    private var readinessReasons: [String] {
        guard report.liveCount > 0 else { return ["no peer is live"] }
        guard !report.ready, let least = settings.minPeerQuality else { return [] }
        return [
            """
            \(report.goodPeers) peers have a quality of \(least) or more; \
            \(settings.minGoodPeers) are required
            """
        ]
    }
}
