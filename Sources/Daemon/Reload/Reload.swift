import Federation
import FoundationEssentials
import Host
import Logging
import MicroHTTPServer
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
    let access: AccessControl
    let events: EventLog
    let supervisor: Supervisor
    let time: SystemTime
    let log: Logger
    let work = BlockingWork("reload")

    /// Reads the files that the cause names and applies them; one call at a time.
    ///
    /// After a SIGHUP reload that failed, a changed file reloads everything: the change may be the
    /// correction.
    func callAsFunction(_ cause: ReloadCause) async {
        let cause = inForce.hasFailed ? .hangUp : cause
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
            fail(
                cause,
                failure.faults.lines,
                peersFile: failure.peersFile,
                trustFiles: failure.trustFiles
            )
        case .done(.success(let loaded)):
            warnOfLoss(from: before.settings.peers, to: loaded.settings.peers)
            guard let changes = await adopt(loaded, because: cause) else { return }
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
        /// The stamps of the files of certificates, keys and tokens before they were read.
        var trustFiles: [FileStamp?]
    }

    /// Reads the files; blocks.
    private static func read(
        after before: LoadedSettings,
        because cause: ReloadCause,
        config: String?
    ) -> Result<LoadedSettings, Failure> {
        // A file whose state cannot be read counts as missing.
        let peersFile = before.settings.peersFile.flatMap { try? FileStamp($0) }
        let trustFiles = before.settings.trustPaths.map { try? FileStamp($0) }
        do throws(SettingFaults) {
            switch cause {
            case .peersFile: return .success(try before.withPeersReread())
            case .trustFiles: return .success(try before.withTrustReread())
            case .hangUp:
                return .success(
                    try Settings.load(
                        environment: ProcessInfo.processInfo.environment,
                        file: config,
                        fileLimit: before.settings.fileLimit,
                        running: before.settings,
                        trust: before.trust
                    )
                )
            }
        } catch {
            let failure = Failure(faults: error, peersFile: peersFile, trustFiles: trustFiles)
            return .failure(failure)
        }
    }

    /// The message of a reload that missed its deadline.
    private func lateness(of settings: Settings) -> String {
        let files =
            [config, settings.peersFile, settings.caFile].compactMap(\.self) + settings.trustPaths
        return "\(files.joined(separator: ", ")): not read within \(Self.deadline.words) s; "
            + "check that their file systems respond"
    }

    /// Reports a reload that changed nothing.
    ///
    /// `peersFile` is the state of the peers file; nil if unknown, so that the watch retries as
    /// soon as it can be read.
    private func fail(
        _ cause: ReloadCause,
        _ lines: [String],
        peersFile: FileStamp? = nil,
        trustFiles: [FileStamp?] = []
    ) {
        inForce.reloadFailed(cause, peersFile: peersFile, trustFiles: trustFiles)
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
    var lateness: Duration { store.latest.ledger.running.lateness(at: time.now) }

    /// Puts the settings in force, and wakes the parts that sleep; nil if the node is stopping.
    private func adopt(
        _ loaded: LoadedSettings,
        because cause: ReloadCause
    ) async -> PeerChanges? {
        if cause != .peersFile {
            let certificate = loaded.trust.listener?.value
            access.replace(certificate: certificate, clients: loaded.clientTrust)
        }
        inForce.replace(with: loaded, because: cause, wall: time.wallNow)
        await local.settingsChanged()
        return await sync.settingsChanged()
    }
}
