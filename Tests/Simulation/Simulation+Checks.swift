import Federation
import PeerSync
import Timing

extension Simulation {
    /// The checks of a node at its own tick, and when all nodes are checked.
    mutating func check(_ reading: Reading, of node: Int) throws(Violation) {
        let name = nodes[node].nodeID
        for quality in reading.qualities {
            try checks.expect(.quality, (0...1).contains(quality), name, now, "it is \(quality)")
        }
        try checkNovelty(reading.novelty, live: reading.live, of: node)
        try checkHolders(reading.counted, of: node)
        let gStar = reading.gStar
        try checks.expect(.generativity, (0...1).contains(gStar), name, now, "it is \(gStar)")
    }

    /// Which peers count, except with a fault that another invariant must detect.
    private mutating func checkHolders(_ counted: [String], of node: Int) throws(Violation) {
        if let fault = scenario.fault, [.live, .standstills, .clocks].contains(fault) { return }
        let holders = nodes[node].holders(at: now) { $0.since < $1.since }
        try checks.expect(
            .holders,
            counted == holders,
            nodes[node].nodeID,
            now,
            "\(counted) count instead of \(holders)"
        )
    }

    private mutating func checkNovelty(
        _ novelty: Double,
        live: Int,
        of node: Int
    ) throws(Violation) {
        let name = nodes[node].nodeID
        try checks.expect(.novelty, (0...1).contains(novelty), name, now, "it is \(novelty)")
        guard live < 2 else { return }
        try checks.expect(.lone, novelty == 0, name, now, "\(live) are live, and N is \(novelty)")
    }

    /// The cap, at the tick that fixes G*.
    mutating func checkCap(_ reading: Reading, of node: Int) throws(Violation) {
        guard reading.live < 2 else { return }
        try checks.expect(
            .lone,
            reading.gStar <= 0.30,
            nodes[node].nodeID,
            now,
            "\(reading.live) are live, and G* is \(reading.gStar)"
        )
    }

    /// The node that ran an iteration: the peers whose pulls ended, N, counters and slots.
    mutating func checkStep(_ node: Int, ended peers: [Peer.Index]) throws(Violation) {
        let name = nodes[node].nodeID
        let running = nodes[node].ledger.running[now]
        let windowEnd = nodes[node].ledger.endOfWindow(at: running)
        for index in peers {
            guard let history = nodes[node].ledger[index] else { continue }
            let quality = Reading.value(
                history.quality(at: running, windowEnd: windowEnd, scoring: scoring),
                scenario.fault
            )
            try checks.expect(.quality, (0...1).contains(quality), name, now, "it is \(quality)")
            try checkWindow(index, of: node)
        }
        if !peers.isEmpty {
            let gStars = nodes[node].ledger.peerGStars(maxAge: scoring.maxAge, at: running)
            try checkNovelty(Novelty.of(gStars), live: nodes[node].livePeers(at: now), of: node)
        }
        try checkCounters(Counters(of: nodes[node].ledger.totals), of: node)
        try checkSlots(node)
    }

    private mutating func checkWindow(_ index: Peer.Index, of node: Int) throws(Violation) {
        guard let window = nodes[node].ledger[index]?.window else { return }
        let last = window.last?.received ?? now
        // Outages of the node take no time in the window.
        let outages = last - nodes[node].ledger.endOfWindow(at: last)
        let span = last - (window.first?.received ?? now) - outages
        try checks.expect(
            .windows,
            window.count <= Scenario.windowLimit && span <= Scenario.window,
            nodes[node].nodeID,
            now,
            "\(window.count) pulls of node-\(nodes[node].peers[index]) over \(span)"
        )
    }

    private mutating func checkCounters(_ counters: Counters, of node: Int) throws(Violation) {
        let seen = nodes[node].seen
        try checks.expect(
            .counters,
            counters.hasGrown(from: seen),
            nodes[node].nodeID,
            now,
            "\(counters) after \(seen)"
        )
        let failures = counters.failures.isEmpty ? seen.failures : counters.failures
        nodes[node].seen = counters
        nodes[node].seen.failures = failures
    }

    /// After an iteration; while the limit is reached, waiting peers are not counted yet.
    private mutating func checkSlots(_ node: Int) throws(Violation) {
        let schedule = nodes[node].schedule
        guard schedule.inFlight < scenario.maxInFlight(of: node) else { return }
        let totals = nodes[node].ledger.totals
        let pulls = totals.successes + totals.errors + nodes[node].selfAnswers
        let slots = nodes[node].beats.reduce(0) { $0 + $1.slots(at: now) }
        try checks.expect(
            .slots,
            slots == pulls + schedule.inFlight + totals.missed,
            nodes[node].nodeID,
            now,
            "\(slots) slots, \(pulls) pulls ended, \(schedule.inFlight) in flight,"
                + " \(totals.missed) missed"
        )
    }

    /// A pull that was lost to a pause of this node must not change its peer.
    mutating func checkPause(
        _ node: Int,
        _ flight: Flight,
        before: PeerHistory?
    ) throws(Violation) {
        let after = nodes[node].ledger[flight.index]
        try checks.expect(
            .pauses,
            before?.state == after?.state && before?.failures == after?.failures,
            nodes[node].nodeID,
            now,
            "node-\(flight.target) was \(before?.state.rawValue ?? "") before and is"
                + " \(after?.state.rawValue ?? "") after, with one more failure"
        )
    }

    /// The body of an honest node is a summary.
    mutating func checkAccepted(
        _ observation: Observation?,
        of flight: Flight
    ) throws(Violation) {
        guard let observation, case .answered = flight.result, !scenario.isLiar(flight.target)
        else { return }
        var refusal: Failure?
        if case .failure(let failure) = observation.outcome { refusal = failure }
        try checks.expect(
            .summaries,
            refusal == nil,
            nodes[flight.target].nodeID,
            now,
            "\(nodes[flight.puller].nodeID) refused it: \(refusal?.detail ?? "")"
        )
    }

    /// All nodes, whatever happened to them.
    mutating func census() throws(Violation) {
        plan(.census, at: now + Scenario.tick)
        // The order of a Set differs between processes.
        let order = scenario.fault == .bytes ? Array(Set(nodes.indices)) : Array(nodes.indices)
        for node in order where !nodes[node].isDown {
            guard let wisdom = nodes[node].wisdom else { continue }
            goBack(node)
            let report = Report(of: nodes[node].ledger, at: now, scoring: scoring)
            let reading = Reading(report, wisdom, nodes[node], fault: scenario.fault, at: now)
            try check(reading, of: node)
            try checkInfluence(report, of: node)
            for (index, _) in nodes[node].ledger.peers { try checkWindow(index, of: node) }
            let ledger = nodes[node].ledger
            try checkCounters(Counters(of: ledger, peers: nodes[node].peers.count), of: node)
            outcome.trace.add(node)
            for quality in reading.qualities { outcome.trace.add(quality) }
        }
        if now <= Comparison.end { outcome.marks.append(outcome.decisions) }
    }

    /// The fault that forgets: every minute the ledger goes back by a minute.
    private mutating func goBack(_ node: Int) {
        guard scenario.fault == .counters, now.nanoseconds % 60_000_000_000 == 0 else { return }
        let current = nodes[node].ledger
        if let old = nodes[node].oldLedger { nodes[node].ledger = old }
        nodes[node].oldLedger = current
    }
}
