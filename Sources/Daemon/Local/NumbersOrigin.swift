import CurlClient
import Federation
import PeerSync
import Settings

/// Who gives this node its numbers while it runs.
enum NumbersOrigin: Sendable {
    /// Nobody: federation is off, nothing is asked and nothing ticks.
    case nobody
    /// The governor of this process, which answers at once.
    case governor
    /// A source that may take its time: asked so often, or if nil at each tick.
    case source(any SummarySource, every: Duration?)

    /// Whether a tick waits for nothing outside this process.
    var isImmediate: Bool {
        switch self {
        case .nobody, .governor: true
        case .source: false
        }
    }
}

extension SettingsInForce {
    /// Opens what gives the node `reader` its numbers.
    ///
    /// A file is looked at every second, for its writer sets the pace.
    ///
    /// - Throws: `SystemError` if a source that is pulled cannot have its client.
    func numbersOrigin(
        for reader: NodeIdentity,
        time: some Timekeeper
    ) throws(SystemError) -> NumbersOrigin {
        let settings = settings
        guard settings.mode != .off else { return .nobody }
        switch settings.localSource {
        case .builtin: return .governor
        case .file(let path):
            return .source(
                FileSource(path: path, maximumBytes: settings.maxBody),
                every: .seconds(1)
            )
        case .orchestrator(let peer):
            let source = try OrchestratorSource(
                peer: peer,
                reader: reader,
                inForce: self,
                time: time
            )
            return .source(source, every: nil)
        }
    }
}
