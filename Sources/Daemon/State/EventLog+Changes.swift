import Federation
import Logging
import PeerSync
import StateStore
import Synchronization
import Timing

/// Changes of the state of peers, which may be too many to record each.
extension EventLog {
    /// How a change of a peer's state was recorded.
    enum ChangeRecord {
        case recorded(Int64)
        /// The peer is flapping: its further changes are only counted.
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

    /// Updates the counts in the events of flapping peers, and completes those of calm peers.
    ///
    /// - Returns: The peers that are calm, with the ids of their events.
    func settle(
        calm: Duration = FlapFilter<EventRow>.calm
    ) -> [(url: String, event: Int64, count: Int)] {
        let now = time.now
        return state.withLock { state in
            var ended: [(url: String, event: Int64, count: Int)] = []
            for settled in state.flaps.takeSettled(at: now, calm: calm) {
                guard var row = state.flapping.removeValue(forKey: settled.url) else { continue }
                (row.count, row.lasted) = (settled.count, settled.lasted.inSeconds)
                replace(row, in: &state)
                ended.append((settled.url, row.id, settled.count))
                // The current state, with the time of its change.
                var last = settled.lastChange
                state.last += 1
                last.id = state.last
                append(last, to: &state)
            }
            for (url, count) in state.flaps.counts where state.flapping[url]?.count != count {
                guard var row = state.flapping[url] else { continue }
                row.count = count
                state.flapping[url] = row
                replace(row, in: &state)
            }
            return ended
        }
    }

    /// Calls `settle`, and logs the peers that are calm; call it about once a minute.
    func settle(to log: Logger, calm: Duration = FlapFilter<EventRow>.calm) {
        for calm in settle(calm: calm) {
            log.notice(
                "peer is steady again",
                metadata: [
                    "url": "\(calm.url)", "changes": "\(calm.count)", "event": "\(calm.event)",
                ]
            )
        }
    }
}

extension EventRow {
    /// The event of a peer that starts to flap with this change.
    fileprivate init(_ change: EventRow, kind: EventKind, count: Int) {
        self.init(id: change.id, at: change.at, kind: kind.rawValue, lateness: change.lateness)
        (peer, url, self.count) = (change.peer, change.url, count)
    }
}
