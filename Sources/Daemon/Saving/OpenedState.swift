import Federation
import Logging
import Settings
import StateStore
import Synchronization

/// What a node that starts gets from its state directory: event ids, file and saved state.
struct OpenedState {
    let events: EventLog
    /// Nil without a state directory.
    let file: StateStore?
    /// What the last run saved: all peers, so the parts of the node take it once.
    let saved: SavedOnce

    /// Locks and reads the state directory of the settings; blocks.
    ///
    /// - Throws: A fault that prevents startup.
    init(_ settings: Settings, time: SystemTime, log: Logger) throws(StoreFault) {
        guard let directory = settings.stateDirectory else {
            (file, saved) = (nil, SavedOnce(nil))
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
            let kept = file.isOpen ? nil : Self.readOnly(file, settings, time)
            if let kept { (last, saved) = (kept.last, kept.saved) }
            log.warning(
                kept == nil
                    ? "the state cannot be opened; running without saved state"
                    : "the state cannot be opened for writing; running with the saved state",
                metadata: ["error": "\(error)"]
            )
        }
        self.saved = SavedOnce(saved)
        events = EventLog(after: last, .beforeSave, time: time)
        if let reset { events.recordReset(reset.fault, aside: reset.aside, log: log) }
    }

    /// The last event and the state of a file that cannot be written; nil if it cannot be read
    /// either.
    private static func readOnly(
        _ file: StateStore,
        _ settings: Settings,
        _ time: SystemTime
    ) -> (last: Int64, saved: SavedState)? {
        defer { file.close() }
        // Report why it cannot be written, not why it cannot be read.
        return try? (last: file.openForReading(), saved: read(file, settings, time))
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
            "the state file was damaged; continuing with an empty one",
            metadata: ["error": "\(fault)", "kept_as": "\(aside)", "event": "\(event)"]
        )
    }
}

/// What the last run saved, until it is taken.
final class SavedOnce: Sendable {
    private let state: Mutex<SavedState?>

    /// Nil without a state directory, and if the file was damaged or cannot be read.
    init(_ state: SavedState?) { self.state = Mutex(state) }

    func take() -> SavedState? { state.withLock { $0.take() } }
}

extension SavedState {
    /// Restores the peers of a ledger.
    func restore(_ ledger: inout Ledger, log: Logger) {
        let damaged = ledger.restore(peers, by: time)
        guard let first = damaged.first else { return }
        log.warning(
            "the saved state of peers is damaged; their windows start empty",
            metadata: ["peers": "\(damaged.count)", "first": "\(first)"]
        )
    }
}
