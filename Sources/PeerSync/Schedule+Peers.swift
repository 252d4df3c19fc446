internal import DequeModule
package import Federation
internal import HeapModule
package import Timing

// Who is in the schedule, and by what beat: what a reload changes.
extension Schedule {
    /// Adds peers, and plans one quick first pull of each, spread evenly in the order of phases.
    ///
    /// Their indices must be free here; a phase is below the interval.
    package mutating func insert(_ peers: [(index: Peer.Index, phase: Duration)], at now: Instant) {
        guard !peers.isEmpty else { return }
        let span = min(Self.firstPassSpan.nanoseconds, interval)
        let spacing = max(span / Int64(peers.count), 1_000_000_000 / Int64(Self.firstPassRate))
        let ordered = peers.sorted { ($0.phase, $0.index) < ($1.phase, $1.index) }
        for (rank, peer) in ordered.enumerated() {
            while entries.count <= peer.index { entries.append(Entry()) }
            entries[peer.index] = Entry(state: .resting, phase: peer.phase.nanoseconds)
            let at = Instant(nanoseconds: now.nanoseconds + Int64(rank) * spacing)
            wakeups.insert(Wakeup(at: at, index: peer.index))
        }
    }

    /// Forgets peers and their slots; the end of a pull that is under way is no longer expected.
    package mutating func remove(_ indices: [Peer.Index]) {
        guard !indices.isEmpty else { return }
        for index in indices {
            if case .pulling = entries[index].state { inFlight -= 1 }
            entries[index] = Entry()
        }
        waiting.removeAll { !entries[$0.index].state.isPresent }
        wakeups = Heap(wakeups.unordered.filter { entries[$0.index].state.isPresent })
    }

    /// Gives all peers another beat, and a phase each.
    ///
    /// Who has been pulled comes again in the first slot of the new grid that is half an interval
    /// away from the last, and not in the past. Who has not keeps its place in the first pass. Who
    /// waits for a place waits on; by the new beat that may be too long, and then its slot is now.
    package mutating func setInterval(
        _ interval: Duration,
        phase: (Peer.Index) -> Duration,
        at now: Instant
    ) {
        self.interval = interval.nanoseconds
        let oldest = now - .nanoseconds(self.interval / 2 - 1)
        for index in entries.indices where entries[index].state.isPresent {
            entries[index].phase = phase(index).nanoseconds
            if case .pulling(let slot?) = entries[index].state, slot < oldest {
                entries[index].state = .pulling(overdue: now)
            }
        }
        for place in waiting.indices where waiting[place].at < oldest { waiting[place].at = now }
        let planned = wakeups.unordered.map { wakeup in
            guard let last = entries[wakeup.index].lastSlot else { return wakeup }
            let earliest = max(last + self.interval / 2, now.nanoseconds)
            let at = Instant(nanoseconds: slot(from: earliest, wakeup.index))
            return Wakeup(at: at, index: wakeup.index)
        }
        wakeups = Heap(planned)
    }
}
