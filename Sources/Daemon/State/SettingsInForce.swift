import Host
import Settings
import Synchronization

/// The settings in force and the result of the last reload; from any thread.
final class SettingsInForce: Sendable {
    private struct State {
        var loaded: LoadedSettings
        var lastGood: Double
        var failed: ReloadCause?
        var triedPeersFile: FileStamp?
    }

    private let state: Mutex<State>

    /// Starts with the settings of startup, which counts as a successful reload at `wall`.
    init(_ loaded: LoadedSettings, wall: Double) {
        let tried = loaded.peersFile
        state = Mutex(State(loaded: loaded, lastGood: wall, triedPeersFile: tried))
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
            let tried = loaded.peersFile
            state = State(loaded: loaded, lastGood: wall, triedPeersFile: tried)
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
