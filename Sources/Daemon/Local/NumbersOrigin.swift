import CurlClient
import Federation
import PeerSync
import Settings

/// The source of this node's own numbers.
enum NumbersOrigin: Sendable {
    /// None: federation is off and nothing ticks.
    case disabled
    /// The governor of this process, which needs no I/O.
    case governor
    /// A source that may block: read at this interval, or at each tick if nil.
    case source(any SummarySource, every: Duration?)

    /// Whether a tick needs nothing outside this process.
    var isImmediate: Bool {
        if case .source = self { false } else { true }
    }
}

extension SettingsInForce {
    /// Creates the source of the numbers of the node `reader`.
    ///
    /// A file is checked every second, because its writer decides when it changes.
    ///
    /// - Throws: `SystemError` if the client of a source over HTTP cannot be created.
    func numbersOrigin(
        for reader: NodeIdentity,
        time: some Timekeeper
    ) throws(SystemError) -> NumbersOrigin {
        let settings = settings
        guard settings.mode != .off else { return .disabled }
        switch settings.localSource {
        case .builtin: return .governor
        case .file(let path):
            let source = FileSource(path: path, maximumBytes: settings.maxBody)
            return .source(source, every: .seconds(1))
        case .orchestrator(let peer):
            let source = try OrchestratorSource(peer, reader: reader, inForce: self, time: time)
            return .source(source, every: nil)
        }
    }
}
