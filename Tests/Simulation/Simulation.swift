import Federation
import HeapModule
import PeerSync
import TestSupport
import Timing

/// A federation under a virtual clock: processes the next event and checks the invariants.
///
///     wake ──▶ pulls start ──▶ arrive ──▶ end ──▶ wake      tick: a node fixes its numbers
///
/// Each purpose draws from its own generator, so the draws of one do not affect another.
struct Simulation {
    struct Event: Comparable {
        enum What {
            case wake(node: Int, life: Int)
            case arrive(flight: Int)
            case end(flight: Int)
            case tick(node: Int, life: Int)
            case resume(node: Int, life: Int)
            case boot(node: Int)
            case disruption(Int)
            case heal(cut: Int)
            case census
        }

        var at: Instant
        /// Of two events at one moment the one that was planned first comes first.
        var order: Int
        var what: What

        static func < (left: Event, right: Event) -> Bool {
            (left.at, left.order) < (right.at, right.order)
        }

        static func == (left: Event, right: Event) -> Bool { left.order == right.order }
    }

    let scenario: Scenario
    let scoring: Scoring
    let disruptions: [Disruption]
    var now = Instant(nanoseconds: 0)
    var nodes: [Node] = []
    var flights: [Flight] = []
    var freeFlights: [Int] = []
    /// The open network cuts, by the number of their disruption.
    var cuts: [(number: Int, away: [Bool], isSilent: Bool)] = []
    var outcome: Outcome
    var checks = Checks()
    private var events = Heap<Event>()
    private var planned = 0
    var network: SeededGenerator
    var lies: SeededGenerator
    var sources: SeededGenerator

    init(_ scenario: Scenario) {
        self.scenario = scenario
        scoring = scenario.scoring
        disruptions = Disruption.plan(scenario)
        outcome = Outcome(nodes: scenario.nodes)
        network = SeededGenerator(seed: scenario.seed ^ 0x6e65_7477_6f72_6b00)
        lies = SeededGenerator(seed: scenario.seed ^ 0x6c69_6573_0000_0000)
        sources = SeededGenerator(seed: scenario.seed ^ 0x736f_7572_6365_7300)
        for index in 0..<scenario.nodes {
            nodes.append(Node(index, in: scenario, using: &sources))
            let start = Double.random(in: 0..<5, using: &sources)
            if scenario.fault == .idle { continue }
            plan(.boot(node: index), at: Instant(seconds: start))
        }
        for (number, disruption) in disruptions.enumerated() {
            plan(.disruption(number), at: disruption.at)
        }
        plan(.census, at: now + Scenario.tick)
    }

    /// Runs until `end`.
    mutating func run(until end: Instant) throws(Violation) {
        while let event = events.min, event.at <= end {
            events.removeMin()
            now = event.at
            try handle(event.what)
        }
        now = end
    }

    /// Plans an event.
    mutating func plan(_ what: Event.What, at: Instant) {
        planned += 1
        events.insert(Event(at: at, order: planned, what: what))
    }

    private mutating func handle(_ what: Event.What) throws(Violation) {
        switch what {
        case .wake(let node, let life):
            guard nodes[node].life == life, nodes[node].wakesAt == now else { return }
            nodes[node].wakesAt = nil
            if !nodes[node].isPaused { try iterate(node, ended: []) }
        case .arrive(let flight): arrive(flight)
        case .end(let flight): try end(flight)
        case .tick(let node, let life):
            guard nodes[node].life == life else { return }
            if nodes[node].isPaused {
                nodes[node].owesTick = true
            } else {
                try tick(node)
            }
        case .resume(let node, let life):
            guard nodes[node].life == life else { return }
            try resume(node)
        case .boot(let node): try boot(node)
        case .disruption(let number): disrupt(number)
        case .heal(let cut): cuts.removeAll { $0.number == cut }
        case .census: try census()
        }
    }

    /// A node fixes its numbers and publishes them, as the service does.
    mutating func tick(_ node: Int) throws(Violation) {
        plan(.tick(node: node, life: nodes[node].life), at: now + Scenario.tick)
        let off = nodes[node].clockOff
        let readAt = scenario.fault == .clocks ? now + .seconds(max(0, off)) : now
        let report = Report(of: nodes[node].ledger, at: readAt, scoring: scoring)
        let wisdom = nodes[node].governor
            .tick(
                at: now,
                peerGStars: report.peerGStars,
                triCoherence: nil
            )
        nodes[node].wisdom = wisdom
        let quality = report.meanQuality ?? SummaryNumbers.restingPeerQuality
        var metrics = wisdom.summaryNumbers(peerQuality: quality)
        if nodes[node].hasSource {
            let step = Double.random(in: -0.02...0.02, using: &sources)
            nodes[node].sourceGStar = (nodes[node].sourceGStar + step).clampedToUnit
            metrics.gStar = nodes[node].sourceGStar
        }
        let reading = Reading(report, wisdom, nodes[node], fault: scenario.fault, at: now)
        try check(reading, of: node)
        try checkCap(reading, of: node)
        publish(metrics, by: node)
        note(reading, metrics, of: node)
    }

    private mutating func publish(_ metrics: SummaryNumbers, by node: Int) {
        let summary = Summary(
            nodeID: nodes[node].nodeID,
            ts: scenario.fault == .summaries ? 0 : nodes[node].clock(at: now).wallNow,
            version: "1",
            metrics: metrics,
            instance: nodes[node].ledger.identity.instance
        )
        nodes[node].summary = summary
        nodes[node].page = summary.encoded()
    }

    /// Adds a tick to the digest and to the table.
    private mutating func note(_ reading: Reading, _ metrics: SummaryNumbers, of node: Int) {
        outcome.trace.add(nodes[node].page)
        outcome.decisions[node].add(reading.novelty)
        outcome.decisions[node].add(reading.gStar)
        outcome.decisions[node].add(metrics.gStar)
        outcome.decisions[node].add(metrics.peerQuality)
        outcome.decisions[node].add(reading.live)
        let isCompared = node > 0 && node < nodes.count - 1
        outcome.note(reading, isCompared: isCompared, at: now)
    }
}
