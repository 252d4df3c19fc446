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

    /// The status now.
    ///
    /// The report is computed on the caller's thread.
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
