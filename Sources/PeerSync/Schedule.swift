internal import DequeModule
package import Federation
internal import HeapModule
package import Timing

/// Decides which peers are due; a value that gets the time as a parameter.
///
/// Every peer has one slot per interval, at its phase, on a grid that is anchored once to Unix time
/// and then follows monotonic time. A slot is kept if its pull starts less than half an interval
/// late. Otherwise it is missed: it is counted and never repeated. So two pulls of one peer start
/// at least half an interval apart, and
///
///     pulls started + slots missed = slots elapsed.
///
/// The states of a peer:
///
///     resting ──slot comes──▶ waiting ──a place is free──▶ pulling ──end──▶ resting
///                                                            └ a slot that comes meanwhile is
///                                                              skipped if it is early, else it
///                                                              is overdue until the end
package struct Schedule: Sendable {
    /// The decisions of `takeDue`.
    package struct Due: Sendable {
        /// The peers whose pulls start now.
        package var peers: [Peer.Index] = []
        /// By how many seconds each of these pulls is late.
        package var lateness: [Double] = []
        /// The number of slots that passed without a pull.
        package var missed = 0
    }

    /// A future slot, or a past one that waits for capacity.
    struct Wakeup: Comparable {
        var at: Instant
        var index: Peer.Index

        static func < (left: Wakeup, right: Wakeup) -> Bool { left.at < right.at }
    }

    enum State {
        case absent
        case resting
        case waiting
        /// `overdue` is a slot that came during the pull and has no decision yet.
        case pulling(overdue: Instant?)

        var isPresent: Bool {
            if case .absent = self { false } else { true }
        }
    }

    struct Entry {
        var state = State.absent
        var phase = Duration.zero
        /// The slot of the latest started pull; nil before the first.
        var lastSlot: Instant?
    }

    var grid: UnixGrid
    var interval: Duration { grid.step }
    /// The most concurrent pulls, at least 1.
    package var maxInFlight: Int
    /// By the index of the peer.
    var entries: [Entry] = []
    /// One slot of each resting peer, and the next slot of each peer that is being pulled.
    var wakeups = Heap<Wakeup>()
    var waiting: Deque<Wakeup> = []
    /// The number of pulls in flight.
    package internal(set) var inFlight = 0
    /// Whether no pull can start before another ends.
    var isFull: Bool { inFlight >= maxInFlight }
    /// The number of slots without a decision, at most one for each peer.
    var plannedCount: Int { wakeups.count + waiting.count }

    /// Creates a schedule without peers; `wallNow` is `now` in Unix seconds, of any clock.
    package init(interval: Duration, maxInFlight: Int, now: Instant, wallNow: Double) {
        precondition(
            interval > .zero && maxInFlight >= 1,
            "interval and maxInFlight must be positive"
        )
        self.maxInFlight = maxInFlight
        grid = UnixGrid(step: interval, now: now, wallNow: wallNow)
    }

    /// When `takeDue` should be called next; nil if only the end of a pull can change anything.
    package var nextDue: Instant? { wakeups.min?.at }

    /// Decides which pulls start now; they count as in flight until `end`.
    package mutating func takeDue(at now: Instant) -> Due {
        var due = Due()
        while let wakeup = wakeups.min, wakeup.at <= now {
            wakeups.removeMin()
            if case .pulling = entries[wakeup.index].state {
                if isEarly(wakeup) {
                    plan(wakeup.index, at: slot(after: wakeup.at, wakeup.index))
                } else {
                    entries[wakeup.index].state = .pulling(overdue: wakeup.at)
                }
            } else {
                entries[wakeup.index].state = .waiting
                waiting.append(wakeup)
            }
        }
        let count = max(0, min(waiting.count, maxInFlight - inFlight))
        due.peers.reserveCapacity(count)
        due.lateness.reserveCapacity(count)
        while inFlight < maxInFlight, let wakeup = waiting.popFirst() {
            start(wakeup, at: now, &due)
        }
        return due
    }

    /// Records the end of a pull, whatever its result.
    package mutating func end(_ index: Peer.Index) {
        guard case .pulling(let overdue) = entries[index].state else { return }
        inFlight -= 1
        entries[index].state = .resting
        if let overdue { plan(index, at: overdue) }
    }

    /// Starts the pull of a past slot, unless the slot is too late.
    private mutating func start(_ wakeup: Wakeup, at now: Instant, _ due: inout Due) {
        var slot = wakeup.at
        if now - slot >= interval / 2 {
            due.missed += 1
            slot = self.slot(after: slot, wakeup.index)
            let late = now - slot
            if late >= interval / 2 {
                let missed = (late - interval / 2).count(of: interval) + 1
                due.missed += missed
                slot = slot + interval * missed
            }
        }
        guard slot <= now else {
            entries[wakeup.index].state = .resting
            return plan(wakeup.index, at: slot)
        }
        inFlight += 1
        entries[wakeup.index].state = .pulling(overdue: nil)
        entries[wakeup.index].lastSlot = slot
        due.peers.append(wakeup.index)
        due.lateness.append(now.seconds(since: slot))
        plan(wakeup.index, at: self.slot(after: slot, wakeup.index))
    }

    private mutating func plan(_ index: Peer.Index, at slot: Instant) {
        wakeups.insert(Wakeup(at: slot, index: index))
    }

    /// Whether a slot comes less than an interval after the slot of the pull in flight.
    ///
    /// This happens after a first pass or a change of the interval. Such a slot is skipped and not
    /// missed, because a pull may take a whole interval.
    private func isEarly(_ wakeup: Wakeup) -> Bool {
        entries[wakeup.index].lastSlot.map { wakeup.at < $0 + interval } ?? false
    }

    /// The first slot of the grid at least half an interval after `slot`.
    ///
    /// For a slot of the grid this is the next one; after a first pass one may be skipped.
    private func slot(after slot: Instant, _ index: Peer.Index) -> Instant {
        self.slot(from: slot + interval / 2, index)
    }

    /// The first slot of the grid at or after `earliest`.
    func slot(from earliest: Instant, _ index: Peer.Index) -> Instant {
        grid.moment(from: earliest, phase: entries[index].phase)
    }
}
