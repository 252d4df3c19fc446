import CurlClient
import Federation
import Host
import Logging
import PeerSync
import Settings
import StateStore
import Synchronization
import Timing

/// Saves the state and the events of this node, one save at a time, on a separate thread.
///
/// A save that fails is retried. Pulls never wait for a save.
final class StateKeeper: Sendable {
    /// The result of the last save.
    struct Outcome {
        var isGood: Bool
        /// Unix seconds of the last successful save of the state; nil if there was none.
        var savedAt: Double?
        /// When that save began, in running time.
        fileprivate var savedPulls: Instant?
        /// The last reload before that save.
        fileprivate var savedReload: Double?
    }

    /// The time between two saves of the state, unless the interval of pulls is longer.
    static let pace = Duration.seconds(30)
    /// How long a save may take before it counts as failed.
    private static let deadline = Duration.seconds(10)
    /// A pull that ended this long before a save may be recorded after it.
    private static let recordingDelay = Duration.seconds(1)

    private let file: StateStore
    private let events: EventLog
    private let store: PeerStore
    private let client: CurlClient
    private let inForce: SettingsInForce
    private let time: SystemTime
    private let log: Logger
    private let work = BlockingWork("state", maximumStuck: 1)
    private let state: Mutex<Outcome>

    init(
        _ file: StateStore,
        events: EventLog,
        store: PeerStore,
        client: CurlClient,
        inForce: SettingsInForce,
        time: SystemTime,
        log: Logger
    ) {
        (self.file, self.events, self.store, self.client) = (file, events, store, client)
        (self.inForce, self.time, self.log) = (inForce, time, log)
        state = Mutex(Outcome(isGood: file.isOpen))
    }

    /// From any thread.
    var outcome: Outcome { state.withLock(\.self) }

    /// Saves events as they are recorded, and the state at the start and every `pace`.
    func run(local: LocalNode<SystemTime>) async {
        let pause = { @Sendable [inForce] in max(Self.pace, inForce.settings.interval) }
        await SaveOccasions()
            .each(events: events.recorded, pause: pause) { occasion in
                switch occasion {
                case .events: await save(nil)
                case .state: await saveAll(local: local)
                }
            }
    }

    /// Saves everything and closes the file; called once, at shutdown.
    func finish(local: LocalNode<SystemTime>) async {
        events.settle(to: log, calm: .zero)
        await saveAll(local: local)
        _ = await work.run(within: Self.deadline) { [file] in file.close() }
    }

    private func saveAll(local: LocalNode<SystemTime>) async {
        let clock = store.read { $0.clock(time) }
        await save([
            SavedState.local: await local.saved(by: clock),
            SavedState.addresses: KnownAddresses.row(of: await client.knownAddresses, by: clock),
        ])
    }

    /// Saves the events, and the state if there are `values`, within the deadline.
    private func save(_ values: [String: [UInt8]]?) async {
        let ending = await work.run(within: Self.deadline) { [self] in saveNow(values) }
        guard case .late = ending else { return }
        fail(.failed(path: file.path, cause: "not saved within \(Self.deadline.words) s"))
    }

    /// Saves events and state; blocks.
    private func saveNow(_ values: [String: [UInt8]]?) {
        events.settle(to: log)
        do throws(StoreFault) {
            if !file.isOpen {
                events.renumber(after: try file.open())
                state.withLock { ($0.savedPulls, $0.savedReload) = (nil, nil) }
            }
            try saveRows(values)
        } catch {
            fail(error)
            if case .corrupt = error { replaceFile(after: error) }
        }
    }

    private func saveRows(_ values: [String: [UInt8]]?) throws(StoreFault) {
        let unsaved = events.unsaved
        let settings = inForce.settings
        let wall = time.wallNow
        var batch = StateStore.Batch()
        (batch.events, batch.lastEvent) = (unsaved.rows, unsaved.last)
        batch.oldestEvent = wall - Double(settings.eventDays) * 86_400
        batch.eventLimit = Int64(settings.eventLimit)
        guard let values else {
            // What was reported is saved with its event, so that no restart reports it again.
            let rows = rows(of: Set(unsaved.rows.compactMap(\.url)))
            try file.save(batch) { put throws(StoreFault) in
                for (url, row) in rows { try put(url, row) }
            }
            events.didSave(unsaved)
            return succeed { _ in }
        }
        batch.values = values
        batch.values[SavedState.savedAt] = SavedState.row(of: wall)
        let before = outcome
        let reload = inForce.lastReload.lastGood
        let now = store.read { $0.running[time.now] }
        if before.savedReload != reload {
            batch.remainingPeers = Set(store.latest.ledger.peers.map(\.peer.url))
        }
        try file.save(batch) { put throws(StoreFault) in
            try store.saveRows(pulledSince: before.savedPulls, time: time, put)
        }
        events.didSave(unsaved)
        succeed { outcome in
            outcome.savedAt = wall
            outcome.savedPulls = now - Self.recordingDelay
            outcome.savedReload = reload
        }
    }

    /// The rows of the peers with these URLs.
    private func rows(of urls: Set<String>) -> [(url: String, row: [UInt8])] {
        guard !urls.isEmpty else { return [] }
        let ledger = store.latest.ledger
        let clock = SavedTime(now: ledger.running[time.now], wall: time.wallNow)
        return ledger.peers.filter { urls.contains($0.peer.url) }
            .compactMap { peer in
                ledger[peer.index].map { (peer.peer.url, $0.saved(by: clock)) }
            }
    }

    private func succeed(_ change: (inout Outcome) -> Void) {
        let wasGood = state.withLock { state in
            defer { state.isGood = true }
            change(&state)
            return state.isGood
        }
        if !wasGood { log.notice("the state is saved again") }
    }

    /// Logs a failure, unless the save before failed too.
    private func fail(_ fault: StoreFault) {
        let wasGood = state.withLock { state in
            defer { state.isGood = false }
            return state.isGood
        }
        if wasGood { log.warning("the state cannot be saved", metadata: ["error": "\(fault)"]) }
    }

    /// Sets a damaged file aside and creates a new one; the next save contains all peers.
    private func replaceFile(after fault: StoreFault) {
        do throws(StoreFault) {
            let aside = try file.setAside(at: time.wallNow)
            events.recordReset(fault, aside: aside, log: log)
            state.withLock { $0.savedPulls = nil }
            _ = try file.open()
        } catch {
            log.warning("the damaged state file was not replaced", metadata: ["error": "\(error)"])
        }
    }
}
