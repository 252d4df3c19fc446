import Federation
import Logging
import Settings
import StateStore
import Timing

extension Reload {
    /// Logs what the reload changed, and what needs a restart.
    func report(
        _ loaded: LoadedSettings,
        after before: LoadedSettings,
        _ changes: PeerChanges,
        cause: ReloadCause,
        since start: Instant
    ) {
        let changed = loaded.keys(changedFrom: before).joined(separator: " ")
        let event = record(loaded, after: before, changed: changed, cause: cause)
        log.notice(
            "reloaded",
            metadata: [
                "cause": "\(cause.rawValue)", "peers": "\(loaded.settings.peers.count)",
                "added": "\(changes.added.count)", "removed": "\(changes.removed.count)",
                "renamed": "\(changes.renamed.count)",
                "changed": "\(changed)", "seconds": "\(time.now.seconds(since: start))",
                "event": "\(event)",
            ]
        )
        if !loaded.pendingRestart.isEmpty {
            log.warning(
                "some changed settings need a restart",
                metadata: ["settings": "\(loaded.pendingRestart.joined(separator: " "))"]
            )
        }
        for warning in loaded.warnings where !before.warnings.contains(warning) {
            log.warning("\(warning)")
        }
        for note in loaded.notes where !before.notes.contains(note) {
            log.notice("\(note)")
        }
    }

    /// Records a reload, and the peers that it added and removed.
    ///
    /// - Returns: The event of the reload.
    private func record(
        _ loaded: LoadedSettings,
        after before: LoadedSettings,
        changed: String,
        cause: ReloadCause
    ) -> Int64 {
        let lateness = lateness
        let (old, new) = (before.settings.peers, loaded.settings.peers)
        let (oldURLs, newURLs) = (Set(old.map(\.url)), Set(new.map(\.url)))
        for peer in old where !newURLs.contains(peer.url) {
            events.record(.peerRemoved, of: peer, lateness: lateness)
        }
        for peer in new where !oldURLs.contains(peer.url) {
            events.record(.peerAdded, of: peer, lateness: lateness)
        }
        return events.record(.reload, lateness: lateness) { event in
            event.reason = cause.rawValue
            event.detail = changed.isEmpty ? nil : changed
            event.count = new.count
        }
    }
}
