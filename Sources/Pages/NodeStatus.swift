package import Federation
package import Settings

/// Everything there is to say about this node at one moment: what every computed page renders.
package struct NodeStatus: Sendable {
    var identity: NodeIdentity
    var settings: Settings
    var lastReload: LastReload
    package var report: Report
    var activity: Activity
    var local: LocalState
    /// Whether it was asked to stop and still serves.
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
        isDraining: Bool,
        wall: Double,
        uptime: Double
    ) {
        (self.identity, self.settings, self.lastReload) = (identity, settings, lastReload)
        (self.report, self.activity, self.local) = (report, activity, local)
        (self.isDraining, self.wall, self.uptime) = (isDraining, wall, uptime)
    }

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
