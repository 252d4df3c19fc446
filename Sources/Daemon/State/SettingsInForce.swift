import Host
import Settings
import Synchronization

/// The settings that the node goes by now, and how the last reload went; from any thread.
final class SettingsInForce: Sendable {
    private struct State {
        var loaded: LoadedSettings
        var lastGood: Double
        var failed: ReloadCause?
        var triedPeersFile: FileStamp?
    }

    private let state: Mutex<State>

    /// Begins with the settings of the start, which counts as a good reload at these Unix seconds.
    init(_ loaded: LoadedSettings, wall: Double) {
        let tried = loaded.peersFile
        state = Mutex(State(loaded: loaded, lastGood: wall, triedPeersFile: tried))
    }

    var loaded: LoadedSettings { state.withLock { $0.loaded } }
    var settings: Settings { loaded.settings }
    /// What the last reload was to read, if it found faults.
    var failed: ReloadCause? { state.withLock { $0.failed } }
    /// What the peers file was like when it was last read, well or in vain; nil for no file.
    var triedPeersFile: FileStamp? { state.withLock { $0.triedPeersFile } }

    var lastReload: LastReload {
        state.withLock { LastReload(isGood: $0.failed == nil, lastGood: $0.lastGood) }
    }

    /// A reload brought these.
    func replace(with loaded: LoadedSettings, wall: Double) {
        state.withLock { state in
            let tried = loaded.peersFile
            state = State(loaded: loaded, lastGood: wall, triedPeersFile: tried)
        }
    }

    /// A reload found faults, and everything is as it was.
    func reloadFailed(_ cause: ReloadCause, peersFile: FileStamp?) {
        state.withLock { state in
            state.failed = cause
            state.triedPeersFile = peersFile
        }
    }
}
