import Federation
import StateStore
import Synchronization
import Timing

/// Assigns ids to the events of this node, and keeps those that are not saved yet.
///
/// From any thread; nothing blocks on the disk.
final class EventLog: Sendable {
    /// How many events are kept in memory.
    enum Capacity: Int {
        /// Without a state directory; older ones are dropped.
        case memoryOnly = 1_000
        /// Until they are saved. While saves fail, older ones are lost and counted.
        case beforeSave = 10_000
    }

    private struct State {
        var last: Int64
        /// Oldest first; a later row with the same id replaces an earlier one.
        var unsaved: [EventRow] = []
        /// The number of rows that were removed from `unsaved` so far.
        var removed = 0
        var dropped = 0
        var counts: [EventKind: Int] = [:]
        var flaps = FlapFilter<EventRow>()
        /// The events of the peers that are flapping, by URL.
        var flapping: [String: EventRow] = [:]

        /// A row with the next id.
        mutating func row(
            _ kind: EventKind,
            of peer: Peer?,
            at: Double,
            lateness: Duration
        ) -> EventRow {
            last += 1
            var row = EventRow(id: last, at: at, kind: kind.rawValue, lateness: lateness.inSeconds)
            (row.peer, row.url) = (peer?.label, peer?.url)
            return row
        }

        mutating func remove(_ count: Int) {
            unsaved.removeFirst(count)
            removed += count
        }
    }

    private let capacity: Capacity
    private let time: SystemTime
    private let state: Mutex<State>
    /// Yields when there is something to save.
    let recorded: AsyncStream<Void>
    private let recording: AsyncStream<Void>.Continuation

    /// Ids continue after `lastEvent`.
    init(after lastEvent: Int64, _ capacity: Capacity, time: SystemTime) {
        (self.capacity, self.time) = (capacity, time)
        state = Mutex(State(last: lastEvent))
        (recorded, recording) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
    }

    /// Records an event and returns its id, for the log.
    @discardableResult
    func record(
        _ kind: EventKind,
        of peer: Peer? = nil,
        lateness: Duration,
        _ fill: (inout EventRow) -> Void = { _ in }
    ) -> Int64 {
        let at = time.wallNow
        return state.withLock { state in
            var row = state.row(kind, of: peer, at: at, lateness: lateness)
            fill(&row)
            append(row, to: &state)
            return row.id
        }
    }

    /// What became of a change of a peer's state.
    enum ChangeRecord {
        case recorded(Int64)
        /// From now on the changes of this peer are only counted.
        case startedFlapping(Int64, count: Int)
        case counted
    }

    /// Records that a peer is up or down, unless it is flapping.
    func recordChange(
        _ kind: EventKind,
        of peer: Peer,
        lateness: Duration,
        _ fill: (inout EventRow) -> Void
    ) -> ChangeRecord {
        let (at, now) = (time.wallNow, time.now)
        return state.withLock { state in
            var row = state.row(kind, of: peer, at: at, lateness: lateness)
            fill(&row)
            switch state.flaps.add(row, of: peer.url, at: now) {
            case .record:
                append(row, to: &state)
                return .recorded(row.id)
            case .recordFlapping(let count):
                row = EventRow(row, kind: .peerFlapping, count: count)
                state.flapping[peer.url] = row
                append(row, to: &state)
                return .startedFlapping(row.id, count: count)
            case .count:
                state.last -= 1
                return .counted
            }
        }
    }

    /// Brings the events of flapping peers up to date, and ends those of peers that are calm.
    ///
    /// - Returns: The peers that are calm, with the ids of their events.
    func settle() -> [(url: String, event: Int64, count: Int)] {
        let now = time.now
        return state.withLock { state in
            var calm: [(url: String, event: Int64, count: Int)] = []
            for settled in state.flaps.takeSettled(at: now) {
                guard var row = state.flapping.removeValue(forKey: settled.url) else { continue }
                (row.count, row.lasted) = (settled.count, settled.lasted.inSeconds)
                append(row, to: &state, isNew: false)
                calm.append((settled.url, row.id, settled.count))
                // The state that stayed, at the time at which it began.
                var last = settled.lastChange
                state.last += 1
                last.id = state.last
                append(last, to: &state)
            }
            for (url, count) in state.flaps.counts where state.flapping[url]?.count != count {
                guard var row = state.flapping[url] else { continue }
                row.count = count
                state.flapping[url] = row
                append(row, to: &state, isNew: false)
            }
            return calm
        }
    }

    /// A snapshot of the events that are not saved yet.
    struct Unsaved {
        /// Oldest first.
        var rows: [EventRow]
        /// The largest id so far.
        var last: Int64
        /// The number of rows of this run so far.
        fileprivate var total: Int
    }

    var unsaved: Unsaved {
        state.withLock { state in
            Unsaved(
                rows: state.unsaved,
                last: state.last,
                total: state.removed + state.unsaved.count
            )
        }
    }

    /// Forgets the events that were saved.
    func didSave(_ saved: Unsaved) {
        state.withLock { $0.remove(max(0, saved.total - $0.removed)) }
    }

    /// Gives the events of this run ids after those of a file that could not be opened before.
    func renumber(after lastEvent: Int64) {
        state.withLock { state in
            for index in state.unsaved.indices { state.unsaved[index].id += lastEvent }
            for url in state.flapping.keys { state.flapping[url]?.id += lastEvent }
            state.last += lastEvent
        }
    }

    /// The events of this run by kind, and how many of them were lost before they were saved.
    var totals: (counts: [EventKind: Int], dropped: Int) {
        state.withLock { ($0.counts, $0.dropped) }
    }

    private func append(_ row: EventRow, to state: inout State, isNew: Bool = true) {
        state.unsaved.append(row)
        if isNew, let kind = EventKind(rawValue: row.kind) { state.counts[kind, default: 0] += 1 }
        let excess = state.unsaved.count - capacity.rawValue
        if excess > 0 {
            state.remove(excess)
            if capacity == .beforeSave { state.dropped += excess }
        }
        recording.yield()
    }
}

extension EventRow {
    /// The event of a peer that begins to flap with the change of another row.
    fileprivate init(_ change: EventRow, kind: EventKind, count: Int) {
        self.init(id: change.id, at: change.at, kind: kind.rawValue, lateness: change.lateness)
        (peer, url, self.count) = (change.peer, change.url, count)
    }
}
