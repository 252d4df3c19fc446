import Federation
import FoundationEssentials
import Host
import Logging
import PeerSync
import Settings
import StateStore
import Timing

/// Applies changed settings to the running node, or nothing if one of them is invalid.
struct Reload: Sendable {
    /// The file of `--config`.
    let config: String?
    let inForce: SettingsInForce
    let sync: SyncService
    let local: LocalNode<SystemTime>
    let store: PeerStore
    let events: EventLog
    let supervisor: Supervisor
    let time: SystemTime
    let log: Logger
    let work = BlockingWork("reload")

    /// Reads the files that the cause names and applies them; one call at a time.
    ///
    /// After a SIGHUP reload that failed, a changed peers file reloads everything: the change may
    /// be the correction.
    func callAsFunction(_ cause: ReloadCause) async {
        let cause = max(cause, inForce.failed ?? cause)
        let start = time.now
        supervisor.reloading()
        defer { supervisor.reloaded() }
        let before = inForce.loaded
        let reading = await work.run(within: Self.deadline) { [config] in
            Self.read(after: before, because: cause, config: config)
        }
        switch reading {
        case .cancelled: return
        case .late:
            fail(cause, [lateness(of: before.settings)])
        case .done(.failure(let failure)):
            fail(cause, failure.faults.lines, peersFile: failure.peersFile)
        case .done(.success(let loaded)):
            warnOfLoss(from: before.settings.peers, to: loaded.settings.peers)
            guard let changes = await adopt(loaded) else { return }
            report(loaded, after: before, changes, cause: cause, since: start)
        }
    }

    /// How long reading all files may take; a reload that takes longer fails.
    static let deadline = Duration.seconds(5)

    /// Why a reload changes nothing.
    private struct Failure: Error {
        var faults: SettingFaults
        /// What the peers file in force was like before it was read.
        var peersFile: FileStamp?
    }

    /// Reads the files; blocks.
    private static func read(
        after before: LoadedSettings,
        because cause: ReloadCause,
        config: String?
    ) -> Result<LoadedSettings, Failure> {
        // A file whose state cannot be read counts as missing.
        let peersFile = before.settings.peersFile.flatMap { try? FileStamp($0) }
        do throws(SettingFaults) {
            switch cause {
            case .peersFile: return .success(try before.withPeersReread())
            case .hangUp:
                return .success(
                    try Settings.load(
                        environment: ProcessInfo.processInfo.environment,
                        file: config,
                        fileLimit: before.settings.fileLimit,
                        running: before.settings
                    )
                )
            }
        } catch {
            return .failure(Failure(faults: error, peersFile: peersFile))
        }
    }

    /// The message of a reload that missed its deadline.
    private func lateness(of settings: Settings) -> String {
        let files = [config, settings.peersFile, settings.caFile].compactMap(\.self)
        return "\(files.joined(separator: ", ")): not read within \(Self.deadline.words) s; "
            + "check that their file systems respond"
    }

    /// Reports a reload that changed nothing.
    ///
    /// `peersFile` is the state of the peers file; nil if unknown, so that the watch retries as
    /// soon as it can be read.
    private func fail(_ cause: ReloadCause, _ lines: [String], peersFile: FileStamp? = nil) {
        inForce.reloadFailed(cause, peersFile: peersFile)
        let event = events.record(.reloadFailed, lateness: lateness) {
            ($0.reason, $0.detail) = (cause.rawValue, lines.joined(separator: "\n"))
        }
        log.error(
            "reload failed; nothing changed",
            metadata: ["cause": "\(cause.rawValue)", "event": "\(event)"]
        )
        for line in lines { log.error("\(line)") }
    }

    /// Lists of at least this many peers cause a warning if a reload removes more than half.
    private static let manyPeers = 10

    /// Warns of a list that lost most of its peers: a file that was cut off may still be valid.
    private func warnOfLoss(from before: [Peer], to after: [Peer]) {
        guard before.count >= Self.manyPeers else { return }
        let kept = Set(after.map(\.url))
        let removed = before.count { !kept.contains($0.url) }
        guard removed * 2 > before.count else { return }
        log.warning(
            "the reload removes more than half of the peers",
            metadata: ["removed": "\(removed)", "peers_before": "\(before.count)"]
        )
    }

    /// How late the pull loop is.
    private var lateness: Duration { store.latest.ledger.running.lateness(at: time.now) }

    /// Puts the settings in force, and wakes the parts that sleep; nil if the node is stopping.
    private func adopt(_ loaded: LoadedSettings) async -> PeerChanges? {
        inForce.replace(with: loaded, wall: time.wallNow)
        await local.settingsChanged()
        return await sync.settingsChanged()
    }

    /// Logs what the reload changed, and what needs a restart.
    private func report(
        _ loaded: LoadedSettings,
        after before: LoadedSettings,
        _ changes: PeerChanges,
        cause: ReloadCause,
        since start: Instant
    ) {
        let changed = loaded.settings.keys(changedFrom: before.settings).joined(separator: " ")
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
