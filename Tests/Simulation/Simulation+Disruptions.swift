import Federation
import PeerSync
import Timing

extension Simulation {
    /// Applies a disruption.
    mutating func disrupt(_ number: Int) {
        let disruption = disruptions[number]
        let node = disruption.node
        outcome.trace.add(number)
        switch disruption.what {
        case .pause(let seconds, let atNextPull):
            if atNextPull {
                nodes[node].pausesAtNextPull = .seconds(seconds)
            } else {
                pause(node, for: .seconds(seconds))
            }
        case .restart(let downSeconds): stop(node, for: .seconds(downSeconds))
        case .setClock(let bySeconds):
            guard scenario.setsClocks else { return }
            nodes[node].clockOff += bySeconds
            outcome.clocksSet += 1
        case .cut(let away, let isSilent, let seconds):
            cuts.append((number, away, isSilent))
            outcome.cuts += 1
            plan(.heal(cut: number), at: now + .seconds(seconds))
        }
    }

    /// Pauses a node if it runs.
    mutating func pause(_ node: Int, for span: Duration) {
        guard case .running = nodes[node].state else { return }
        noteLivePeers(of: node)
        nodes[node].state = .paused(until: now + span)
        outcome.pauses += 1
        plan(.resume(node: node, life: nodes[node].life), at: now + span)
    }

    /// Resumes a node: first its pulls, then the tick that came meanwhile.
    mutating func resume(_ node: Int) throws(Violation) {
        nodes[node].state = .running
        nodes[node].lastPauseEnd = now
        let ended = nodes[node].inbox
        nodes[node].inbox = []
        try checkStandstill(node, hasIterated: false)
        try iterate(node, ended: ended)
        try checkStandstill(node, hasIterated: true)
        if nodes[node].owesTick {
            nodes[node].owesTick = false
            try tick(node)
        }
    }

    /// Kills a node; its pulls are dropped.
    private mutating func stop(_ node: Int, for span: Duration) {
        guard !nodes[node].isDown else { return }
        nodes[node].state = .down
        nodes[node].life += 1
        freeFlights += nodes[node].inbox
        nodes[node].inbox = []
        outcome.restarts += 1
        plan(.boot(node: node), at: now + span)
    }

    /// Starts a node with its node id and phases, a new instance and an empty ledger.
    ///
    /// A machine sets its clock when it starts, so its slots have the same Unix time as before.
    mutating func boot(_ index: Int) throws(Violation) {
        var node = nodes[index]
        node.state = .running
        node.clockOff = 0
        node.lastPauseEnd = nil
        node.owesTick = false
        node.wakesAt = nil
        node.selfAnswers = 0
        node.seen = Counters()
        node.oldLedger = nil
        node.heard = Array(repeating: nil, count: node.peers.count)
        node.lastPulls = Array(repeating: nil, count: node.peers.count)
        node.due = nil
        node.standstills = []
        let clock = node.clock(at: now)
        (node.ledger, node.schedule, node.governor) = Node.start(
            node.nodeID,
            life: node.life,
            node.constants,
            maxInFlight: scenario.maxInFlight(of: index),
            at: clock
        )
        if scenario.fault == .windows { node.ledger.window = .seconds(86_400) }
        let phases = node.peers.map { peer in
            slotPhase(ofNode: node.nodeID, peerURL: Self.url(of: peer), interval: Scenario.interval)
        }
        for peer in node.peers { _ = node.ledger.insert(Self.peer(peer)) }
        let isOffBeat = scenario.fault == .beat && node.life > 0
        node.schedule.insert(
            phases.enumerated()
                .map { index, phase in
                    (index, isOffBeat ? .nanoseconds(phase.nanoseconds / 2) : phase)
                },
            at: now
        )
        node.beats = beats(phases, clock: clock)
        nodes[index] = node
        try tick(index)
        try iterate(index, ended: [])
    }

    /// The slots of all peers of a node that starts now, each with its time in the first pass.
    private func beats(_ phases: [Duration], clock: Clock) -> [Beat] {
        let ranks = phases.indices.sorted { (phases[$0], $0) < (phases[$1], $1) }
        let spacing = Duration.nanoseconds(2_000_000_000 / Int64(phases.count))
        let offset = Int64((clock.wallNow * 1e9).rounded()) - now.nanoseconds
        var beats = Array(
            repeating: Beat(first: now, phase: .zero, wallOffset: offset, interval: .seconds(30)),
            count: phases.count
        )
        for (rank, index) in ranks.enumerated() {
            beats[index] = Beat(
                first: now + spacing * rank,
                phase: phases[index],
                wallOffset: offset,
                interval: Scenario.interval
            )
        }
        return beats
    }

    private static func peer(_ index: Int) -> Peer {
        Peer(
            label: Node.nodeID(of: index),
            scheme: .http,
            host: "node-\(index).example",
            port: 8_100,
            pathPrefix: ""
        )
    }

    private static func url(of index: Int) -> String { peer(index).url }
}
