import Federation
import Pages
import PeerSync
import Settings
import Timing

/// Assembles a `NodeStatus` on request.
struct StatusBoard: Sendable {
    let identity: NodeIdentity
    let inForce: SettingsInForce
    let store: PeerStore
    let local: LocalNode<SystemTime>
    let pages: ReadyPages
    let time: SystemTime
    let started: Instant
    let pullers = Pullers()

    /// Seconds since the start.
    var uptime: Double { time.now.seconds(since: started) }

    /// The status now, computed on the caller's thread.
    func status() -> NodeStatus { snapshot().status }

    /// The status, the ledger from which it was computed, and the time of both.
    ///
    /// While a caller keeps the ledger, the pull loop copies what it changes.
    func snapshot() -> (status: NodeStatus, ledger: Ledger, now: Instant) {
        // Read together: running time stops when the next iteration after the snapshot is overdue.
        let snapshot = store.latest
        let now = time.now
        let settings = inForce.settings
        let report = Report(of: snapshot.ledger, at: now, scoring: settings.scoring)
        let ownPulls = report.peers.count { $0.state == .itself }
        let status = NodeStatus(
            identity: identity,
            settings: settings,
            lastReload: inForce.lastReload,
            report: report,
            activity: snapshot.activity,
            local: local.latest,
            heard: pullers.heard(at: now, interval: settings.interval, ownPulls: ownPulls),
            isDraining: pages.readiness == .draining,
            wall: time.wallNow,
            uptime: now.seconds(since: started)
        )
        return (status, snapshot.ledger, now)
    }
}
