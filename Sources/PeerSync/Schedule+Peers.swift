internal import DequeModule
package import Federation
internal import HeapModule
package import Timing

// The parts of the schedule that a reload uses.
extension Schedule {
    /// The longest first pass, unless the interval is shorter.
    private static let firstPassSpan = Duration.seconds(2)
    /// The most pulls per second in the first pass, which takes longer with many peers.
    private static let firstPassRate = 2000

    /// Adds peers and spreads their first pulls evenly over a short time, in the order of phases.
    ///
    /// Their indices must be free; a phase must be below the interval.
    package mutating func insert(_ peers: [(index: Peer.Index, phase: Duration)], at now: Instant) {
        guard !peers.isEmpty else { return }
        let span = min(Self.firstPassSpan, interval)
        let spacing = max(span / peers.count, .seconds(1) / Self.firstPassRate)
        let ordered = peers.sorted { ($0.phase, $0.index) < ($1.phase, $1.index) }
        for (rank, peer) in ordered.enumerated() {
            while entries.count <= peer.index { entries.append(Entry()) }
            entries[peer.index] = Entry(state: .resting, phase: peer.phase)
            wakeups.insert(Wakeup(at: now + spacing * rank, index: peer.index))
        }
    }

    /// Removes peers and their slots; their pulls in flight no longer count.
    package mutating func remove(_ indices: [Peer.Index]) {
        guard !indices.isEmpty else { return }
        for index in indices {
            if case .pulling = entries[index].state { inFlight -= 1 }
            entries[index] = Entry()
        }
        waiting.removeAll { !entries[$0.index].state.isPresent }
        wakeups = Heap(wakeups.unordered.filter { entries[$0.index].state.isPresent })
    }

    /// Changes the interval and the phases of all peers.
    ///
    /// A peer that has been pulled gets the first slot of the new grid that is at least half an
    /// interval after its last slot and not in the past. Other peers keep their time in the first
    /// pass. Waiting peers keep waiting; if the new interval makes them late, their slot becomes
    /// now.
    package mutating func setInterval(
        _ interval: Duration,
        phase: (Peer.Index) -> Duration,
        at now: Instant
    ) {
        grid.step = interval
        let oldest = now - interval / 2 + .nanoseconds(1)
        for index in entries.indices where entries[index].state.isPresent {
            entries[index].phase = phase(index)
            if case .pulling(let slot?) = entries[index].state, slot < oldest {
                entries[index].state = .pulling(overdue: now)
            }
        }
        for place in waiting.indices where waiting[place].at < oldest { waiting[place].at = now }
        let planned = wakeups.unordered.map { wakeup in
            guard let last = entries[wakeup.index].lastSlot else { return wakeup }
            let earliest = max(last + interval / 2, now)
            return Wakeup(at: slot(from: earliest, wakeup.index), index: wakeup.index)
        }
        wakeups = Heap(planned)
    }
}
