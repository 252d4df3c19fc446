import Synchronization

/// The settings that the node goes by now, and how the last reload went; from any thread.
final class SettingsInForce: Sendable {
    private let state: Mutex<(loaded: LoadedSettings, reload: LastReload)>

    /// Begins with the settings of the start, which counts as a good reload at these Unix seconds.
    init(_ loaded: LoadedSettings, wall: Double) {
        state = Mutex((loaded, LastReload(isGood: true, lastGood: wall)))
    }

    var loaded: LoadedSettings { state.withLock { $0.loaded } }
    var settings: Settings { loaded.settings }
    var lastReload: LastReload { state.withLock { $0.reload } }

    /// A reload brought these.
    func replace(with loaded: LoadedSettings, wall: Double) {
        state.withLock { $0 = (loaded, LastReload(isGood: true, lastGood: wall)) }
    }

    /// A reload found faults, and everything is as it was.
    func reloadFailed() {
        state.withLock { $0.reload.isGood = false }
    }
}

/// How the last reload went.
struct LastReload: Hashable, Sendable {
    /// Whether it brought the settings that are now in the files.
    var isGood: Bool
    /// Unix seconds of the last good one, or of the start.
    var lastGood: Double
}
