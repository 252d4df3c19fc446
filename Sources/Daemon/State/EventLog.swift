import Federation
import PeerSync
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

    struct State {
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
    let time: any Timekeeper
    let state: Mutex<State>
    /// Yields when there is something to save.
    let recorded: AsyncStream<Void>
    private let recording: AsyncStream<Void>.Continuation

    /// Ids continue after `lastEvent`.
    init(after lastEvent: Int64, _ capacity: Capacity, time: any Timekeeper) {
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

    /// Forgets the events that were saved, except those that were replaced meanwhile.
    func didSave(_ saved: Unsaved) {
        state.withLock { state in
            let count = max(0, saved.total - state.removed)
            let replaced = zip(state.unsaved.prefix(count), saved.rows.suffix(count))
                .filter { $0 != $1 }
                .map { $0.0 }
            state.unsaved.replaceSubrange(..<count, with: replaced)
            state.removed += count - replaced.count
        }
    }

    /// Gives the events of this run ids after those of a file that could not be opened before.
    func renumber(after lastEvent: Int64) {
        state.withLock { state in
            let first = state.unsaved.first?.id ?? state.last + 1
            let shift = max(0, lastEvent - first + 1)
            for index in state.unsaved.indices { state.unsaved[index].id += shift }
            for url in state.flapping.keys { state.flapping[url]?.id += shift }
            state.last += shift
        }
    }

    /// The events of this run by kind, and how many of them were lost before they were saved.
    var totals: (counts: [EventKind: Int], dropped: Int) {
        state.withLock { ($0.counts, $0.dropped) }
    }

    func append(_ row: EventRow, to state: inout State) {
        state.unsaved.append(row)
        if let kind = EventKind(rawValue: row.kind) { state.counts[kind, default: 0] += 1 }
        let excess = state.unsaved.count - capacity.rawValue
        if excess > 0 {
            state.remove(excess)
            if capacity == .beforeSave { state.dropped += excess }
        }
        recording.yield()
    }

    /// Replaces an event, or adds it again if it was saved; its id stays.
    ///
    /// A node without a state directory forgets it like any other event.
    func replace(_ row: EventRow, in state: inout State) {
        if let place = state.unsaved.lastIndex(where: { $0.id == row.id }) {
            state.unsaved[place] = row
        } else if capacity == .beforeSave {
            state.unsaved.append(row)
        }
    }
}
