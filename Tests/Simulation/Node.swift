import Federation
import PeerSync
import TestSupport

@testable import Timing

/// One node: the values that a service has, and what the simulation knows besides.
struct Node {
    enum State {
        case running
        /// The process stands still.
        case paused(until: Instant)
        case down
    }

    let index: Int
    let nodeID: String
    /// Whom it pulls, by index.
    let peers: [Int]
    let constants: GovernorConstants
    let hasSource: Bool

    var state = State.down
    /// Counts its starts.
    var life = 0
    var ledger: Ledger
    var schedule: Schedule
    var governor: Governor
    var wisdom: Wisdom?
    var summary: Summary?
    /// What it answers: the summary of its last tick.
    var page: [UInt8] = []
    /// The G* of its source, which wanders.
    var sourceGStar: Double

    /// By how far its wall clock is off, in seconds.
    var clockOff = 0.0
    /// The pulls that ended while it was paused.
    var inbox: [Int] = []
    /// When it looks up next.
    var wakesAt: Instant?
    /// Whether a tick came while it was paused.
    var owesTick = false
    /// For how long it will be paused once it has started a pull.
    var pausesAtNextPull: Duration?
    var lastPauseEnd: Instant?

    /// What the invariants compare with, made without the values above.
    var beats: [Beat] = []
    var heard: [Heard?] = []
    /// When the latest pull of each peer ended; nil before the first.
    var lastPulls: [Instant?] = []
    /// When its loop turns next at the latest, and when it turned later than that.
    var due: Instant?
    var standstills: [Range<Instant>] = []
    /// The peers that were well within the maximum age when its latest pause began.
    var liveBeforePause: [String] = []
    var selfAnswers = 0
    var seen = Counters()
    /// A ledger of before, for the fault that goes back to it.
    var oldLedger: Ledger?

    /// The latest answer of a peer.
    struct Heard {
        var nodeID: String
        var origin: Origin
        var at: Instant
        /// Since when it has given this node id; from the start if its first pull brought it.
        var since: Instant
    }

    init(_ index: Int, in scenario: Scenario, using generator: inout SeededGenerator) {
        self.index = index
        nodeID = Self.nodeID(of: index)
        peers = scenario.peers(of: index)
        hasSource = scenario.hasSource(index)
        sourceGStar = Double.random(in: 0...1, using: &generator)
        var constants = GovernorConstants()
        // Gamma starts at 0.7: a node that goes higher makes progress, and its G* can reach 0.30.
        let target = Double.random(in: 0.5...1, using: &generator)
        constants.gammaTarget = index == 0 ? 0.95 : target
        self.constants = constants
        (ledger, schedule, governor) = Self.start(
            nodeID,
            life: 0,
            constants,
            maxInFlight: scenario.maxInFlight(of: index),
            at: Clock(now: Instant(nanoseconds: 0), offSeconds: 0)
        )
    }

    /// The values of a process that has just started.
    static func start(
        _ nodeID: String,
        life: Int,
        _ constants: GovernorConstants,
        maxInFlight: Int,
        at clock: Clock
    ) -> (Ledger, Schedule, Governor) {
        let identity = NodeIdentity(nodeID: nodeID, instance: String(life + 1, radix: 16))
        return (
            Ledger(identity: identity, window: Scenario.window),
            Schedule(
                interval: Scenario.interval,
                maxInFlight: maxInFlight,
                now: clock.now,
                wallNow: clock.wallNow
            ),
            Governor(
                constants: constants,
                context: Context(mode: .auto, minPeers: 2, hysteresis: .seconds(120))
            )
        )
    }

    static func nodeID(of index: Int) -> String { "node-\(index)" }

    var isDown: Bool {
        if case .down = state { true } else { false }
    }

    var isPaused: Bool {
        if case .paused = state { true } else { false }
    }

    func clock(at now: Instant) -> Clock { Clock(now: now, offSeconds: clockOff) }

    /// Takes note of an answer, and of whether it came with the first pull of the peer.
    mutating func hear(_ summary: Summary, from index: Peer.Index, at now: Instant, isFirst: Bool) {
        var since = isFirst ? Instant(nanoseconds: .min) : now
        if let last = heard[index], last.nodeID == summary.nodeID { since = last.since }
        heard[index] = Heard(
            nodeID: summary.nodeID,
            origin: ledger.identity.origin(of: summary),
            at: now,
            since: since
        )
    }

    /// The labels of the live peers that count for a node id, which `isBetter` chooses among those
    /// that gave it; of equal ones the first.
    func holders(at now: Instant, isBetter: (Heard, Heard) -> Bool) -> [String] {
        var best: [String: Int] = [:]
        for (index, answer) in heard.enumerated() {
            guard let answer, isLive(index, at: now) else { continue }
            let other = best[answer.nodeID].flatMap { heard[$0] }
            if other.map({ isBetter(answer, $0) }) ?? true { best[answer.nodeID] = index }
        }
        return best.values.map { Self.nodeID(of: peers[$0]) }.sorted()
    }

    /// Whether this process stood still at any time from `start` on.
    func wasPaused(since start: Instant) -> Bool {
        lastPauseEnd.map { $0 > start } ?? false
    }

    /// How many nodes are live to it: distinct, others, and heard no longer ago than the maximum.
    func livePeers(at now: Instant) -> Int {
        let live = heard.indices.lazy.filter { isLive($0, at: now) }
        return Set(live.compactMap { heard[$0]?.nodeID }).count
    }
}

/// The counters of one node that may only grow.
struct Counters {
    var successes = 0
    var errors = 0
    var missed = 0
    var measured = 0
    var failures: [Int] = []

    init() {}

    /// As they are in a ledger of this many peers.
    init(of ledger: Ledger, peers: Int) {
        self.init(of: ledger.totals)
        failures = (0..<peers)
            .map { index in
                ledger[index].map { $0.failures.values.reduce(0, +) } ?? -1
            }
    }

    init(of totals: PullTotals) {
        successes = totals.successes
        errors = totals.errors
        missed = totals.missed
        measured = totals.latency.count
    }

    /// Whether none of them is below what it was.
    func hasGrown(from past: Counters) -> Bool {
        successes >= past.successes && errors >= past.errors && missed >= past.missed
            && measured >= past.measured
            && zip(failures, past.failures).allSatisfy { $0 >= $1 }
    }
}
