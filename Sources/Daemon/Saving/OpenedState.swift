import Federation
import Logging
import Settings
import StateStore

/// The state directory of a node that starts: the events, the file, and what it kept.
struct OpenedState {
    let events: EventLog
    /// Nil without a state directory, or if a node without federation needs none.
    let file: StateStore?
    /// Nil at the first start, and if the file cannot be read now.
    let saved: SavedState?

    /// Takes the state directory of the settings for this process, and reads it; blocks.
    ///
    /// - Throws: A fault with which the node must not run.
    init(_ settings: Settings, time: SystemTime, log: Logger) throws(StoreFault) {
        guard let directory = settings.stateDirectory else {
            (file, saved) = (nil, nil)
            events = EventLog(after: 0, .memoryOnly, time: time)
            return
        }
        let file = try StateStore(directory: directory)
        self.file = file
        var last: Int64 = 0
        var saved: SavedState?
        var reset: (fault: StoreFault, aside: String)?
        do throws(StoreFault) {
            do throws(StoreFault) {
                last = try file.open()
                saved = try Self.read(file, settings, time)
            } catch {
                guard case .corrupt = error else { throw error }
                reset = (error, try file.setAside(at: time.wallNow))
                last = try file.open()
            }
        } catch {
            if error.isFinal { throw error }
            log.warning(
                "the state cannot be opened; pulling without it",
                metadata: ["error": "\(error)"]
            )
        }
        self.saved = saved
        events = EventLog(after: last, .beforeSave, time: time)
        if let reset { events.recordReset(reset.fault, aside: reset.aside, log: log) }
    }

    /// Fills a ledger with what was saved of its peers.
    func restore(_ ledger: inout Ledger, log: Logger) {
        guard let saved else { return }
        let damaged = ledger.restore(saved.peers, by: saved.time)
        guard let first = damaged.first else { return }
        log.warning(
            "saved peers are damaged; their windows start anew",
            metadata: ["peers": "\(damaged.count)", "first": "\(first)"]
        )
    }

    private static func read(
        _ file: StateStore,
        _ settings: Settings,
        _ time: SystemTime
    ) throws(StoreFault) -> SavedState {
        try SavedState(
            file,
            peers: Set(settings.peers.map(\.url)),
            now: time.now,
            wall: time.wallNow
        )
    }
}

extension EventLog {
    /// Records that a damaged file was set aside.
    func recordReset(_ fault: StoreFault, aside: String, log: Logger) {
        let event = record(.stateReset, lateness: .zero) {
            $0.detail = "\(fault); kept as \(aside)"
        }
        log.warning(
            "the state file was damaged; starting with empty state",
            metadata: ["error": "\(fault)", "kept_as": "\(aside)", "event": "\(event)"]
        )
    }
}
