internal import DequeModule
package import Federation
internal import HeapModule
package import Timing

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
///                                                            │ overdue, and looked at on end, or
///                                                            └ skipped if it comes early
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

    /// A slot that comes, or has come and waits for a place.
    struct Wakeup: Comparable {
        var at: Instant
        var index: Peer.Index

        static func < (left: Wakeup, right: Wakeup) -> Bool { left.at < right.at }
    }

    /// Where a peer stands; see above.
    enum State {
        case absent
        case resting
        case waiting
        /// `overdue` is a slot that came while the pull was under way.
        case pulling(overdue: Instant?)

        var isPresent: Bool {
            if case .absent = self { false } else { true }
        }
    }

    /// What is known of the peer with an index.
    struct Entry {
        var state = State.absent
        var phase: Int64 = 0
        /// The slot of the pull that started last; nil before the first.
        var lastSlot: Int64?
    }

    /// The quick first pass takes no longer than this, or than the interval.
    package static let firstPassSpan = Duration.seconds(2)
    /// The first pass starts no more pulls a second than this, however long it then takes.
    package static let firstPassRate = 2000

    var interval: Int64 {
        didSet { anchor = Self.anchor(of: wallOffset, interval) }
    }
    /// How many pulls may be under way at once, at least 1.
    package var maxInFlight: Int
    /// Unix time less monotonic time, in nanoseconds, as read once at the start; any clock fits.
    private let wallOffset: Int128
    /// What is left of `wallOffset` within an interval, which is all that the grid needs.
    private var anchor: Int64
    var entries: [Entry] = []
    /// One of each peer that rests, and of each whose next slot has not come during its pull.
    var wakeups = Heap<Wakeup>()
    var waiting: Deque<Wakeup> = []
    /// How many pulls are under way.
    package internal(set) var inFlight = 0
    /// Whether no pull can start before another ends.
    var isFull: Bool { inFlight >= maxInFlight }
    /// How many slots are known that have not been decided on: at most one of each peer.
    var plannedCount: Int { wakeups.count + waiting.count }

    /// - Parameters:
    ///   - interval: Above zero.
    ///   - maxInFlight: How many pulls may be under way at once, at least 1.
    ///   - now: The present moment.
    ///   - wallNow: The same moment in Unix seconds.
    package init(interval: Duration, maxInFlight: Int, now: Instant, wallNow: Double) {
        precondition(interval > .zero && maxInFlight >= 1, "a schedule needs a beat and a place")
        self.interval = interval.nanoseconds
        self.maxInFlight = maxInFlight
        wallOffset = Int128((wallNow * 1e9).rounded()) - Int128(now.nanoseconds)
        anchor = Self.anchor(of: wallOffset, self.interval)
    }

    private static func anchor(of wallOffset: Int128, _ interval: Int64) -> Int64 {
        Int64(wallOffset % Int128(interval))
    }

    /// The next moment at which `takeDue` may find something; nil if only an end can change that.
    package var nextDue: Instant? {
        wakeups.min?.at
    }

    /// Decides who is pulled now.
    ///
    /// Those that are returned are under way until `end`.
    package mutating func takeDue(at now: Instant) -> Due {
        var due = Due()
        while let wakeup = wakeups.min, wakeup.at <= now {
            wakeups.removeMin()
            if case .pulling = entries[wakeup.index].state {
                if isEarly(wakeup) {
                    plan(wakeup.index, at: following(wakeup.at.nanoseconds, wakeup.index))
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

    /// The pull of the peer at `index` ended, however it did.
    package mutating func end(_ index: Peer.Index) {
        guard case .pulling(let overdue) = entries[index].state else { return }
        inFlight -= 1
        entries[index].state = .resting
        if let overdue {
            wakeups.insert(Wakeup(at: overdue, index: index))
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
        entries[wakeup.index].lastSlot = slotTime
        due.peers.append(wakeup.index)
        due.lateness.append(Double(now.nanoseconds - slotTime) / 1e9)
        plan(wakeup.index, at: following(slotTime, wakeup.index))
    }

    private mutating func plan(_ index: Peer.Index, at nanoseconds: Int64) {
        wakeups.insert(Wakeup(at: Instant(nanoseconds: nanoseconds), index: index))
    }

    /// Whether a slot comes less than an interval after that of the pull under way, as it may after
    /// a first pass or with a new beat.
    ///
    /// A pull may take up to an interval, so this slot was never its own to keep.
    private func isEarly(_ wakeup: Wakeup) -> Bool {
        entries[wakeup.index].lastSlot.map { wakeup.at.nanoseconds < $0 + interval } ?? false
    }

    /// The slot after the one at `nanoseconds`: of the grid, half an interval away or more.
    ///
    /// From a slot of the grid that is the next; after a first pull it may skip one.
    private func following(_ nanoseconds: Int64, _ index: Peer.Index) -> Int64 {
        slot(from: nanoseconds + interval / 2, index)
    }

    /// The first slot of the grid at `earliest` or later.
    func slot(from earliest: Int64, _ index: Peer.Index) -> Int64 {
        let behind = (entries[index].phase - earliest - anchor) % interval
        return earliest + (behind < 0 ? behind + interval : behind)
    }
}
