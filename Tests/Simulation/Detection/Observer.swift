import Federation
import PeerSync
import TestSupport
import Timing

/// A node that pulls its peers, with the schedule and the ledgers of the service.
///
/// Rules do not affect pulls, so all rules see the same trace: end and outcome of each pull.
struct Observer {
    /// One pull in progress.
    struct Pull {
        var started: Instant
        var ends: Instant
        var reason: FailureReason?
    }

    let node: Int
    let trial: DetectionTrial
    private var network: SeededGenerator
    private var pauses: ArraySlice<Pause>
    private var outages: ArraySlice<Outage>
    private var schedule: Schedule
    /// One for each value of `DownRule.downAfters`; only the first while no pull fails, because the
    /// others would be equal.
    private var ledgers: [Ledger]
    private var lastFailure = Instant.distantPast
    private(set) var verdicts: Verdicts
    private var pulls: [Pull?]
    private var isConnected: [Bool]
    private var lastPauseEnd = Instant.distantPast
    /// The next death that has not ended.
    private var nextDeath = 0
    private let summaries: [Summary]

    init(_ node: Int, in trial: DetectionTrial) {
        self.node = node
        self.trial = trial
        let seed = trial.seed &* 1_000 &+ UInt64(node)
        network = SeededGenerator(seed: seed ^ 0x7061_7468_0000_0000)
        var generator = SeededGenerator(seed: seed ^ 0x7472_6f75_626c_6573)
        let troubles = Troubles(trial.disturbance, until: trial.end, using: &generator)
        (pauses, outages) = (troubles.pauses[...], troubles.outages[...])
        let clock = Clock(now: Instant(nanoseconds: 0), offSeconds: 0)
        let (now, peers) = (clock.now, DetectionTrial.nodes - 1)
        schedule = Schedule(
            interval: trial.interval,
            maxInFlight: 256,
            now: now,
            wallNow: clock.wallNow
        )
        let identity = NodeIdentity(nodeID: Node.nodeID(of: node), instance: "1")
        var ledger = Ledger(identity: identity, window: trial.window, interval: trial.interval)
        var phases: [(Peer.Index, Duration)] = []
        for peer in 0..<peers {
            let name = Node.nodeID(of: (node + 1 + peer) % DetectionTrial.nodes)
            let url = "http://\(name):8100"
            _ = ledger.insert(
                Peer(label: "\(peer)", scheme: .http, host: name, port: 8_100, pathPrefix: "")
            )
            phases.append(
                (
                    peer,
                    slotPhase(ofNode: identity.nodeID, peerURL: url, interval: trial.interval)
                )
            )
        }
        schedule.insert(phases.map { (index: $0.0, phase: $0.1) }, at: now)
        ledgers = [ledger]
        verdicts = Verdicts(peers: peers)
        pulls = Array(repeating: nil, count: peers)
        isConnected = Array(repeating: false, count: peers)
        summaries = (0..<peers).map { Self.summary(of: $0) }
    }

    private static func summary(of peer: Int) -> Summary {
        var numbers = Governor(
            constants: GovernorConstants(),
            context: Context(mode: .auto, minPeers: 2, hysteresis: .seconds(120))
        )
        let wisdom = numbers.tick(
            at: Instant(nanoseconds: 0),
            peerGStars: [],
            triCoherence: nil
        )
        return Summary(
            nodeID: "peer-\(peer)",
            // Peers with one ts would be copies of each other.
            ts: 1_800_000_000 + Double(peer),
            version: "1",
            metrics: wisdom.summaryNumbers(peerQuality: 1),
            instance: "1"
        )
    }

    /// Runs to the end of the trial.
    mutating func run() {
        while true {
            var now = schedule.nextDue ?? .distantFuture
            for pull in pulls { now = min(now, pull?.ends ?? .distantFuture) }
            guard now < trial.end else { return }
            if let pause = pauses.first, !pause.atNextPull, pause.start <= now {
                pauses.removeFirst()
                beginPause(at: pause.start, pause.length)
            }
            now = max(now, lastPauseEnd)
            endDeaths(at: now)
            while let outage = outages.first, outage.span.upperBound <= now {
                outages.removeFirst()
            }
            iterate(at: now)
        }
    }

    private mutating func beginPause(at start: Instant, _ length: Duration) {
        lastPauseEnd = start + length
    }

    private mutating func endDeaths(at now: Instant) {
        while nextDeath < trial.deaths.count, trial.deaths[nextDeath].span.upperBound <= now {
            let death = trial.deaths[nextDeath]
            nextDeath += 1
            if death.node != node { verdicts.restart(peer(of: death), after: death) }
        }
    }

    /// The index of the peer that dies.
    private func peer(of death: Death) -> Peer.Index {
        (death.node - node - 1 + DetectionTrial.nodes) % DetectionTrial.nodes
    }
}

extension Observer {
    /// One iteration of the pull loop.
    private mutating func iterate(at now: Instant) {
        for place in ledgers.indices {
            ledgers[place].running.recordIteration(at: now, next: now)
        }
        var heldUp = 0
        for index in endedPulls(at: now) where !end(index, at: now) { heldUp += 1 }
        let due = schedule.takeDue(at: now)
        for index in due.peers { start(index, at: now) }
        for place in ledgers.indices {
            if heldUp > 0 { _ = ledgers[place].recordHeldUp(heldUp, at: now) }
            ledgers[place].recordMissed(due.missed)
            ledgers[place].running.recordIteration(at: now, next: schedule.nextDue ?? now)
        }
        if !due.peers.isEmpty, let pause = pauses.first, pause.atNextPull, pause.start <= now {
            pauses.removeFirst()
            beginPause(at: now, pause.length)
        }
    }

    /// The peers whose pulls have ended, in the order of their ends.
    private func endedPulls(at now: Instant) -> [Peer.Index] {
        let ended = pulls.indices.filter { pulls[$0].map { $0.ends <= now } ?? false }
        guard ended.count > 1 else { return ended }
        return ended.map { (pulls[$0]?.ends ?? now, $0) }.sorted { $0 < $1 }.map(\.1)
    }

    /// Ends a pull; returns whether it has a result, which it has not if this node was paused.
    private mutating func end(_ index: Peer.Index, at now: Instant) -> Bool {
        guard let pull = pulls[index] else { return true }
        pulls[index] = nil
        schedule.end(index)
        isConnected[index] = pull.reason == nil
        let deadline = pull.started + trial.deadline
        let isHeldUp =
            lastPauseEnd > pull.started && (pull.reason == .timedOut || now > deadline)
        verdicts.set(0, index, isDown: isHeldUp || pull.reason != nil, at: now)
        if isHeldUp, trial.fault != .pauses { return false }
        var reason = isHeldUp ? .timedOut : pull.reason
        // The fault has no reason for which a node suspects itself.
        if trial.fault == .trust, reason?.mayBeOurNetwork == true { reason = .connectionLost }
        record(index, reason, took: now.seconds(since: pull.started), at: now)
        if reason == nil { verdicts.beat(index, at: now) }
        return true
    }

    private mutating func record(
        _ index: Peer.Index,
        _ reason: FailureReason?,
        took seconds: Double,
        at now: Instant
    ) {
        var outcome = Result<Summary, Failure>.success(summaries[index])
        if let reason { outcome = .failure(Failure(reason)) }
        let observation = Observation(
            index: index,
            received: now,
            wall: 0,
            timings: Timings(dns: 0, connect: 0, tls: 0, firstByte: seconds, total: seconds),
            outcome: outcome
        )
        split(isFailure: reason != nil, at: now)
        for place in ledgers.indices {
            for case .peer(let change) in ledgers[place].record(observation) {
                guard let peer = Int(change.peer.label) else { continue }
                let isDown = ledgers[place][peer]?.state == .down
                verdicts.set(place + 1, peer, isDown: isDown, at: now)
            }
        }
    }

    /// Copies the ledger before the first failure, and drops the copies when no window has one.
    private mutating func split(isFailure: Bool, at now: Instant) {
        if isFailure {
            lastFailure = now
            guard ledgers.count == 1 else { return }
            ledgers = DownRule.downAfters.map { downAfter in
                var copy = ledgers[0]
                copy.downAfter = downAfter
                return copy
            }
        } else if ledgers.count > 1, now - lastFailure > trial.window * 2 {
            ledgers.removeLast(ledgers.count - 1)
        }
    }

    /// Starts a pull and decides how it ends.
    private mutating func start(_ index: Peer.Index, at now: Instant) {
        let target = (node + 1 + index) % DetectionTrial.nodes
        let distance = 0.001 + Double((node * 31 + target * 17) % 97) / 97 * 0.075
        let limit = trial.deadline.inSeconds
        let horizon = now + trial.deadline
        var death: Death?
        for next in trial.deaths[nextDeath...].prefix(2)
        where next.node == target && next.span.lowerBound < horizon { death = next }
        // The machine of a process that ended has closed its connections.
        if let death, death.kind == .refused, death.span.lowerBound <= now {
            isConnected[index] = false
        }
        let transfer = Transfer(
            start: now,
            limit: limit,
            oneWay: distance * Double.random(in: 0.5..<1.5, using: &network),
            loss: trial.disturbance.loss,
            outage: outages.first.flatMap { $0.span.lowerBound < horizon ? $0 : nil },
            death: death
        )
        let (seconds, reason) = transfer.run(isConnected: isConnected[index], using: &network)
        let ends = Instant(nanoseconds: now.nanoseconds + Int64(seconds * 1e9))
        pulls[index] = Pull(started: now, ends: ends, reason: reason)
    }
}
