import Federation
import PeerSync
import Timing

extension Simulation {
    /// One iteration of a node's pull loop, in the order of the service: finished pulls, then due
    /// ones.
    mutating func iterate(_ node: Int, ended: [Int]) throws(Violation) {
        var missed = 0
        noteStandstill(of: node)
        for flight in ended {
            nodes[node].schedule.end(flights[flight].index)
            if try !record(flight, at: node) { missed += 1 }
            freeFlights.append(flight)
        }
        let heldUp = missed
        let due = nodes[node].schedule.takeDue(at: now)
        missed += due.missed
        outcome.missed += missed
        nodes[node].ledger.recordMissed(due.missed)
        if heldUp > 0, scenario.fault != .slots {
            _ = nodes[node].ledger.recordHeldUp(heldUp, at: now)
        }
        outcome.decisions[node].add(missed)
        for index in due.peers { launch(index, by: node) }
        if let next = nodes[node].schedule.nextDue, next != nodes[node].wakesAt {
            nodes[node].wakesAt = next
            plan(.wake(node: node, life: nodes[node].life), at: next)
        }
        announce(nodes[node].schedule.nextDue ?? now, by: node)
        try checkStep(node, ended: ended.map { flights[$0].index })
        if !due.peers.isEmpty, let pause = nodes[node].pausesAtNextPull {
            nodes[node].pausesAtNextPull = nil
            self.pause(node, for: pause)
        }
    }

    /// Records the result of a pull.
    ///
    /// - Returns: Whether there is one; there is none if this node was delayed.
    private mutating func record(_ number: Int, at node: Int) throws(Violation) -> Bool {
        let flight = flights[number]
        let index = flight.index
        let total = now.seconds(since: flight.started)
        let isHeldUp =
            nodes[node].wasPaused(since: flight.started)
            && (flight.timedOut || now > flight.deadline)
        var result = isHeldUp ? .heldUp(Failure(.timedOut)) : flight.result
        if isHeldUp, scenario.fault == .pauses { result = .failed(Failure(.timedOut)) }
        let ended = FinishedPull(
            index: index,
            at: now,
            timings: Timings(dns: 0, connect: 0, tls: 0, firstByte: total, total: total),
            result: result
        )
        outcome.trace.add(Int(now.nanoseconds))
        outcome.trace.add(node << 32 | index)
        let before = isHeldUp ? nodes[node].ledger[index] : nil
        let observation = Observation(of: ended, by: nodes[node].clock(at: now))
        if let observation {
            note(observation, of: flight, at: node)
            outcome.changes += nodes[node].ledger.record(observation).count
        } else {
            outcome.heldUp += 1
        }
        if isHeldUp { try checkPause(node, flight, before: before) }
        try checkAccepted(observation, of: flight)
        return observation != nil
    }

    /// Keeps what the invariants and the table need of an observation.
    private mutating func note(_ observation: Observation, of flight: Flight, at node: Int) {
        outcome.trace.add(observation.wall)
        outcome.decisions[node].add(Int(now.nanoseconds))
        outcome.decisions[node].add(flight.index)
        switch observation.outcome {
        case .success(let summary):
            let origin = nodes[node].ledger.identity.origin(of: summary)
            if origin == .itself { nodes[node].selfAnswers += 1 }
            nodes[node]
                .hear(
                    summary,
                    from: flight.index,
                    at: now,
                    isFirst: nodes[node].lastPulls[flight.index] == nil
                )
            outcome.good += 1
            outcome.trace.add(summary.ts)
            outcome.decisions[node].add(summary.metrics.gStar)
        case .failure(let failure):
            outcome.failures[failure.reason, default: 0] += 1
            outcome.decisions[node].add(Array(failure.reason.rawValue.utf8))
        }
        nodes[node].lastPulls[flight.index] = now
    }

    /// Starts the pull of a peer.
    private mutating func launch(_ index: Peer.Index, by node: Int) {
        let target = nodes[node].peers[index]
        let passage = Passage(from: node, to: target, using: &network)
        var flight = Flight(
            puller: node,
            life: nodes[node].life,
            index: index,
            target: target,
            started: now,
            back: passage.back,
            ends: now + Scenario.timeout
        )
        outcome.started += 1
        outcome.decisions[node].add(Int(now.nanoseconds))
        outcome.decisions[node].add(index)
        let cut = cuts.first { $0.away[node] != $0.away[target] }
        if let cut, !cut.isSilent {
            flight.result = .failed(Failure(.connectFailed, stage: .connect))
            flight.ends = now + .milliseconds(1)
        } else if cut == nil, passage.fate == .reset {
            flight.result = .failed(Failure(.connectionLost, stage: .firstByte))
            flight.ends = min(now + passage.out + passage.back, flight.deadline)
        }
        let reaches = cut == nil && passage.fate == .arrives
        let number = keep(flight)
        if reaches, now + passage.out < flight.deadline {
            plan(.arrive(flight: number), at: now + passage.out)
        } else {
            plan(.end(flight: number), at: flight.ends)
        }
    }

    private mutating func keep(_ flight: Flight) -> Int {
        guard let number = freeFlights.popLast() else {
            flights.append(flight)
            return flights.count - 1
        }
        flights[number] = flight
        return number
    }

    /// A pull reaches its peer, which answers now, or after its pause, or too late.
    mutating func arrive(_ number: Int) {
        let flight = flights[number]
        let answer = answer(to: flight)
        let ends = answer.at + flight.back
        if ends < flight.deadline {
            flights[number].result = answer.result
            flights[number].ends = ends
        }
        plan(.end(flight: number), at: flights[number].ends)
    }

    private mutating func answer(to flight: Flight) -> (result: FinishedPull.Result, at: Instant) {
        let target = nodes[flight.target]
        guard !target.isDown, let summary = target.summary else {
            return (.failed(Failure(.connectRefused, stage: .connect)), now)
        }
        var at = now
        if case .paused(let until) = target.state { at = until }
        let honest = FinishedPull.Result.answered(body: target.page, status: 200)
        guard scenario.isLiar(flight.target) else { return (honest, at) }
        if case .last(let gStar) = scenario.lying {
            var claimed = summary
            claimed.metrics.gStar = gStar
            return (.answered(body: claimed.encoded(), status: 200), at)
        }
        let lie = Lie.allCases.randomElement(using: &lies) ?? .truth
        let result = lie.answer(
            summary,
            asker: nodes[flight.puller].nodeID,
            other: Node.nodeID(of: Int.random(in: 0..<nodes.count, using: &lies)),
            using: &lies
        )
        return (result, at + .seconds(lie.delaySeconds))
    }

    /// A pull has ended; the puller learns of it now or after its pause.
    mutating func end(_ number: Int) throws(Violation) {
        let flight = flights[number]
        if nodes[flight.puller].life != flight.life {
            freeFlights.append(number)
        } else if nodes[flight.puller].isPaused {
            nodes[flight.puller].inbox.append(number)
        } else {
            try iterate(flight.puller, ended: [number])
        }
    }
}
