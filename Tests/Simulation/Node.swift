import Federation
import PeerSync
import TestSupport
import Timing

/// One node: the values of a service, and what the simulation knows about it.
struct Node {
    enum State {
        case running
        /// The process is paused.
        case paused(until: Instant)
        case down
    }

    let index: Int
    let nodeID: String
    /// Its peers, by index.
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
    /// Its answer: the summary of its last tick.
    var page: [UInt8] = []
    /// The G* of its source, which drifts.
    var sourceGStar: Double

    /// The error of its wall clock in seconds.
    var clockOff = 0.0
    /// The pulls that ended while it was paused.
    var inbox: [Int] = []
    /// Its next planned iteration.
    var wakesAt: Instant?
    /// Whether a tick came while it was paused.
    var owesTick = false
    /// How long it will be paused after it has started a pull.
    var pausesAtNextPull: Duration?
    var lastPauseEnd: Instant?

    /// What the invariants compare with, computed without the values above.
    var beats: [Beat] = []
    var heard: [Heard?] = []
    /// The end of the latest pull of each peer; nil before the first.
    var lastPulls: [Instant?] = []
    /// The deadline of its next iteration, and its standstills.
    var due: Instant?
    var standstills: [Range<Instant>] = []
    /// The peers with an interval to spare before the maximum age when its latest pause began.
    var liveBeforePause: [String] = []
    var selfAnswers = 0
    var seen = Counters()
    /// An old ledger, for the fault that returns to it.
    var oldLedger: Ledger?

    /// The latest answer of a peer.
    struct Heard {
        var nodeID: String
        var origin: Origin
        var at: Instant
        /// Since when it has answered with this node id; `.min` if since its first pull.
        var since: Instant
        var ts: Double
        /// Since when it has answered with this node id and this `ts`.
        var tsSince: Instant
        var isStale = false
    }

    init(_ index: Int, in scenario: Scenario, using generator: inout SeededGenerator) {
        self.index = index
        nodeID = Self.nodeID(of: index)
        peers = scenario.peers(of: index)
        hasSource = scenario.hasSource(index)
        sourceGStar = Double.random(in: 0...1, using: &generator)
        var constants = GovernorConstants()
        // Gamma starts at 0.7: a node with a higher target makes progress, so G* can reach 0.30.
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
            Ledger(
                identity: identity,
                window: Scenario.window,
                interval: Scenario.interval
            ),
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

    /// Records an answer; `isFirst` if it is from the first pull of the peer.
    mutating func hear(_ summary: Summary, from index: Peer.Index, at now: Instant, isFirst: Bool) {
        var since = isFirst ? Instant(nanoseconds: .min) : now
        var tsSince = now
        if let last = heard[index], last.nodeID == summary.nodeID {
            since = last.since
            if last.ts == summary.ts { tsSince = last.tsSince }
        }
        heard[index] = Heard(
            nodeID: summary.nodeID,
            origin: ledger.identity.origin(of: summary),
            at: now,
            since: since,
            ts: summary.ts,
            tsSince: tsSince,
            isStale: age(of: tsSince, at: now) >= Scenario.staleAfter
        )
    }

    /// The labels of the live peers that count; `isBetter` compares peers with one node id, and the
    /// first of equal ones counts.
    func holders(at now: Instant, isBetter: (Heard, Heard) -> Bool) -> [String] {
        var best: [String: Int] = [:]
        for (index, answer) in heard.enumerated() {
            guard let answer, isLive(index, at: now) else { continue }
            let other = best[answer.nodeID].flatMap { heard[$0] }
            if other.map({ isBetter(answer, $0) }) ?? true { best[answer.nodeID] = index }
        }
        return best.values.map { Self.nodeID(of: peers[$0]) }.sorted()
    }

    /// Whether this process was paused at any time since `start`.
    func wasPaused(since start: Instant) -> Bool {
        lastPauseEnd.map { $0 > start } ?? false
    }

    /// The number of live nodes: distinct, not itself, and within the maximum age.
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

    /// The counters in a ledger with this many peers.
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

    /// Whether no counter has decreased.
    func hasGrown(from past: Counters) -> Bool {
        successes >= past.successes && errors >= past.errors && missed >= past.missed
            && measured >= past.measured
            && zip(failures, past.failures).allSatisfy { $0 >= $1 }
    }
}
