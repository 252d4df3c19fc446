internal import DequeModule
package import Federation
internal import HeapModule

/// Who is to be pulled when: a value that is told the time and says who is due.
///
/// Every peer has one slot in each interval, at its phase, on a grid that is anchored to Unix time
/// once and follows monotonic time from then on. A slot is kept if its pull starts less than half
/// an interval late, and missed otherwise; missed slots are counted, never made up for. So two
/// pulls of one peer start at least half an interval apart, and
///
///     pulls started + slots missed = slots elapsed.
///
/// The state of a peer:
///
///     resting ──slot comes──▶ waiting ──a place is free──▶ pulling ──end──▶ resting
///                                                            │ slot comes meanwhile: it is
///                                                            └ overdue, and looked at on end
package struct Schedule: Sendable {
    /// What `takeDue` decided.
    package struct Due: Sendable {
        /// Whose pull starts now.
        package var peers: [Peer.Index] = []
        /// How many seconds after its slot each of them starts, in the same order.
        package var lateness: [Double] = []
        /// How many slots passed that nobody kept.
        package var missed = 0
    }

    private struct Wakeup: Comparable {
        var at: Instant
        var index: Peer.Index
        var generation: Int

        static func < (left: Wakeup, right: Wakeup) -> Bool { left.at < right.at }
    }

    private enum State {
        case absent
        case resting
        case waiting
        /// `overdue` is a slot that came while the pull was under way.
        case pulling(overdue: Instant?)
    }

    private struct Entry {
        var state = State.absent
        var phase: Int64 = 0
        /// Tells the peer that has this index now from one that had it before.
        var generation = 0
    }

    /// The quick first pass takes no longer than this, or than the interval.
    package static let firstPassSpan = Duration.seconds(2)
    /// The first pass starts no more pulls a second than this, however long it then takes.
    package static let firstPassRate = 2000

    private let interval: Int64
    private let maxInFlight: Int
    /// Unix time less monotonic time, in nanoseconds, as read once at the start.
    private let wallOffset: Int64
    private var entries: [Entry] = []
    private var wakeups = Heap<Wakeup>()
    private var waiting: Deque<Wakeup> = []
    /// How many pulls are under way.
    package private(set) var inFlight = 0

    /// - Parameters:
    ///   - interval: Above zero.
    ///   - maxInFlight: How many pulls may be under way at once, at least 1.
    ///   - now: The present moment.
    ///   - wallNow: The same moment in Unix seconds.
    package init(interval: Duration, maxInFlight: Int, now: Instant, wallNow: Double) {
        precondition(interval > .zero && maxInFlight >= 1, "a schedule needs a beat and a place")
        self.interval = interval.nanoseconds
        self.maxInFlight = maxInFlight
        wallOffset = Int64((wallNow * 1e9).rounded()) - now.nanoseconds
    }

    /// The next moment at which `takeDue` may find something; nil if only an end can change that.
    package var nextDue: Instant? {
        wakeups.min?.at
    }

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
            let generation = entries[peer.index].generation + 1
            entries[peer.index] = Entry(
                state: .resting,
                phase: peer.phase.nanoseconds,
                generation: generation
            )
            let at = Instant(nanoseconds: now.nanoseconds + Int64(rank) * spacing)
            wakeups.insert(Wakeup(at: at, index: peer.index, generation: generation))
        }
    }

    /// Forgets a peer; if it is being pulled, its end is no longer expected.
    package mutating func remove(_ index: Peer.Index) {
        if case .pulling = entries[index].state { inFlight -= 1 }
        entries[index].state = .absent
        entries[index].generation += 1
    }

    /// Decides who is pulled now.
    ///
    /// Those that are returned are under way until `end`.
    package mutating func takeDue(at now: Instant) -> Due {
        var due = Due()
        while let wakeup = wakeups.min, wakeup.at <= now {
            wakeups.removeMin()
            guard entries[wakeup.index].generation == wakeup.generation else { continue }
            if case .pulling = entries[wakeup.index].state {
                entries[wakeup.index].state = .pulling(overdue: wakeup.at)
            } else {
                entries[wakeup.index].state = .waiting
                waiting.append(wakeup)
            }
        }
        while inFlight < maxInFlight, let wakeup = waiting.popFirst() {
            guard entries[wakeup.index].generation == wakeup.generation else { continue }
            start(wakeup, at: now, &due)
        }
        return due
    }

    /// The pull of the peer at `index` ended, however it did.
    package mutating func end(_ index: Peer.Index) {
        guard case .pulling(let overdue) = entries[index].state else { return }
        inFlight -= 1
        entries[index].state = .resting
        if let overdue {
            wakeups.insert(
                Wakeup(at: overdue, index: index, generation: entries[index].generation)
            )
        }
    }

    /// Starts the pull of a slot that has come, unless it is too late for it.
    private mutating func start(_ wakeup: Wakeup, at now: Instant, _ due: inout Due) {
        var slotTime = wakeup.at.nanoseconds
        if now.nanoseconds - slotTime >= interval / 2 {
            due.missed += 1
            slotTime = following(slotTime, wakeup.index)
            let late = now.nanoseconds - slotTime
            if late >= interval / 2 {
                let missed = (late - interval / 2) / interval + 1
                due.missed += Int(missed)
                slotTime += missed * interval
            }
        }
        guard slotTime <= now.nanoseconds else {
            entries[wakeup.index].state = .resting
            return plan(wakeup.index, at: slotTime)
        }
        inFlight += 1
        entries[wakeup.index].state = .pulling(overdue: nil)
        due.peers.append(wakeup.index)
        due.lateness.append(Double(now.nanoseconds - slotTime) / 1e9)
        plan(wakeup.index, at: following(slotTime, wakeup.index))
    }

    private mutating func plan(_ index: Peer.Index, at nanoseconds: Int64) {
        wakeups.insert(
            Wakeup(
                at: Instant(nanoseconds: nanoseconds),
                index: index,
                generation: entries[index].generation
            )
        )
    }

    /// The slot after the one at `nanoseconds`: of the grid, half an interval away or more.
    ///
    /// From a slot of the grid that is the next; after a first pull it may skip one.
    private func following(_ nanoseconds: Int64, _ index: Peer.Index) -> Int64 {
        let earliest = nanoseconds + interval / 2
        let behind = (entries[index].phase - (earliest + wallOffset)) % interval
        return earliest + (behind < 0 ? behind + interval : behind)
    }
}
