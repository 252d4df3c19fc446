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
        var failed: ReloadCause?
        var triedPeersFile: FileStamp?
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
        State(loaded: loaded, lastGood: wall, triedPeersFile: loaded.peersFile)
    }

    var loaded: LoadedSettings { state.withLock { $0.loaded } }
    var settings: Settings { loaded.settings }
    /// The cause of the last reload, if it failed.
    var failed: ReloadCause? { state.withLock { $0.failed } }
    /// The state of the peers file when it was last read, successfully or not; nil for no file.
    var triedPeersFile: FileStamp? { state.withLock { $0.triedPeersFile } }

    var lastReload: LastReload {
        state.withLock { LastReload(isGood: $0.failed == nil, lastGood: $0.lastGood) }
    }

    /// Replaces the settings after a successful reload.
    func replace(with loaded: LoadedSettings, wall: Double) {
        state.withLock { state in
            state = Self.state(loaded, wall: wall)
            threshold.set(loaded.settings.logLevel)
        }
    }

    /// Notes a failed reload, which changes nothing.
    func reloadFailed(_ cause: ReloadCause, peersFile: FileStamp?) {
        state.withLock { state in
            state.failed = cause
            state.triedPeersFile = peersFile
        }
    }
}
