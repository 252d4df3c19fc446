import Dispatch
import Federation
import FoundationEssentials
import Logging
import PeerSync

/// Takes in settings that have changed while the node runs, or nothing if one of them is bad.
struct Reload: Sendable {
    /// The file of `--config`.
    let config: String?
    let inForce: SettingsInForce
    let sync: SyncService
    let local: LocalNode<SystemTime>
    let level: LogThreshold
    let supervisor: Supervisor
    let time: SystemTime
    let log: Logger
    let queue = DispatchQueue(label: "reload")

    /// Reads what the cause says, and goes by it; one at a time.
    func callAsFunction(_ cause: ReloadCause) async {
        let start = time.now
        supervisor.reloading(at: start)
        defer { supervisor.ready() }
        let before = inForce.loaded
        let reading = await blocking(on: queue) { [config] in
            Self.read(after: before, because: cause, config: config)
        }
        switch reading {
        case nil: return
        case .failure(let faults):
            inForce.reloadFailed()
            log.error(
                "reload failed, nothing has changed",
                metadata: ["cause": "\(cause.rawValue)"]
            )
            for line in faults.lines { log.error("\(line)") }
        case .success(let loaded):
            guard let changes = await adopt(loaded) else { return }
            tell(of: loaded, after: before, changes, cause: cause, since: start)
        }
    }

    /// Reads the files; it blocks.
    private static func read(
        after before: LoadedSettings,
        because cause: ReloadCause,
        config: String?
    ) -> Result<LoadedSettings, SettingFaults> {
        Result { () throws(SettingFaults) in
            switch cause {
            case .peersFile: try before.withPeersReread()
            case .hangUp:
                try Settings.load(
                    environment: ProcessInfo.processInfo.environment,
                    file: config,
                    fileLimit: before.settings.fileLimit,
                    running: before.settings
                )
            }
        }
    }

    /// Lets every part go by the settings; nil if the node is about to end.
    private func adopt(_ loaded: LoadedSettings) async -> PeerChanges? {
        let settings = loaded.settings
        inForce.replace(with: loaded, wall: time.wallNow)
        level.set(settings.logLevel)
        await local.adopt(settings)
        return await sync.adopt(settings)
    }

    /// Says what the reload changed, and what it could not.
    private func tell(
        of loaded: LoadedSettings,
        after before: LoadedSettings,
        _ changes: PeerChanges,
        cause: ReloadCause,
        since start: Instant
    ) {
        let changed = SettingsTable.all.filter {
            $0.show(before.settings) != $0.show(loaded.settings)
        }
        log.notice(
            "reloaded",
            metadata: [
                "cause": "\(cause.rawValue)", "peers": "\(loaded.settings.peers.count)",
                "added": "\(changes.added.count)", "removed": "\(changes.removed.count)",
                "renamed": "\(changes.renamed.count)",
                "changed": "\(changed.map(\.key).joined(separator: " "))",
                "seconds": "\(time.now.seconds(since: start))",
            ]
        )
        if !loaded.waiting.isEmpty {
            log.warning(
                "some settings change only with a restart",
                metadata: ["settings": "\(loaded.waiting.joined(separator: " "))"]
            )
        }
        for warning in loaded.warnings where !before.warnings.contains(warning) {
            log.warning("\(warning)")
        }
        for masked in loaded.masked {
            log.notice("\(masked)")
        }
    }
}
