import Host
import Settings
import Synchronization

/// The settings in force and the result of the last reload, which all parts of the node share.
///
/// From any thread. Parts read the settings where they use them, so a reload is one replacement.
final class SettingsInForce: Sendable {
    private struct State {
        var loaded: LoadedSettings
        var lastGood: Double
        /// The causes whose last reload failed.
        var failed: Set<ReloadCause> = []
        var triedPeersFile: FileStamp?
        var triedTrustFiles: [FileStamp?]
    }

    private let state: Mutex<State>
    /// Set to the log level of the settings.
    private let threshold: LogThreshold

    /// Starts with the settings of startup, which counts as a successful reload at `wall`.
    init(_ loaded: LoadedSettings, wall: Double, threshold: LogThreshold) {
        self.threshold = threshold
        state = Mutex(Self.state(loaded, wall: wall))
        threshold.set(loaded.settings.logLevel)
    }

    private static func state(_ loaded: LoadedSettings, wall: Double) -> State {
        State(
            loaded: loaded,
            lastGood: wall,
            triedPeersFile: loaded.peersFile,
            triedTrustFiles: loaded.trust.stamps
        )
    }

    var loaded: LoadedSettings { state.withLock { $0.loaded } }
    var settings: Settings { loaded.settings }
    /// Whether the last reload of all settings failed.
    var hasFailed: Bool { state.withLock { $0.failed.contains(.hangUp) } }
    /// The state of the peers file when it was last read, successfully or not; nil for no file.
    var triedPeersFile: FileStamp? { state.withLock { $0.triedPeersFile } }

    /// The states of the files of certificates, keys and tokens when they were last read.
    var triedTrustFiles: [FileStamp?] { state.withLock { $0.triedTrustFiles } }

    var lastReload: LastReload {
        state.withLock { LastReload(isGood: $0.failed.isEmpty, lastGood: $0.lastGood) }
    }

    /// Replaces the settings after a successful reload.
    func replace(
        with loaded: LoadedSettings,
        because cause: ReloadCause = .hangUp,
        wall: Double
    ) {
        state.withLock { state in
            let before = state
            state = Self.state(loaded, wall: wall)
            if cause != .hangUp {
                // A reload of some files does not correct a failure of others.
                state.failed = before.failed.subtracting([cause])
            }
            if cause == .peersFile { state.triedTrustFiles = before.triedTrustFiles }
            if cause == .trustFiles { state.triedPeersFile = before.triedPeersFile }
            threshold.set(loaded.settings.logLevel)
        }
    }

    /// Notes a failed reload, which changes nothing; the stamps are those of the files it read.
    func reloadFailed(
        _ cause: ReloadCause,
        peersFile: FileStamp?,
        trustFiles: [FileStamp?]
    ) {
        state.withLock { state in
            state.failed.insert(cause)
            if cause != .trustFiles { state.triedPeersFile = peersFile }
            if cause != .peersFile { state.triedTrustFiles = trustFiles }
        }
    }
}
