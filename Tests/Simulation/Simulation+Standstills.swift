import Federation

@testable import Timing

extension Simulation {
    /// A turn begins: what the node was late for is noted before its pulls are recorded.
    mutating func noteStandstill(of node: Int) {
        if let due = nodes[node].due, now > due { nodes[node].standstills.append(due..<now) }
        nodes[node].due = now + RunningTime.tolerance
        // The fault reads ages by another clock, for which running time does not stand still.
        guard scenario.fault != .clocks, scenario.fault != .standstills else { return }
        nodes[node].ledger.loopTurns(at: now, next: now)
    }

    /// A pause begins: whoever was heard an interval less ago than the maximum has to stay live.
    mutating func noteLivePeers(of node: Int) {
        nodes[node].liveBeforePause = nodes[node].heard.indices
            .filter { index in
                guard let answer = nodes[node].heard[index], answer.origin == .other
                else { return false }
                let age = nodes[node].age(of: answer.at, at: now)
                return age + Scenario.interval <= Scenario.maxAge
            }
            .map { Node.nodeID(of: nodes[node].peers[$0]) }
    }

    /// A pause is over, before the first turn or after it.
    mutating func checkStandstill(_ node: Int, isTurned: Bool) throws(Violation) {
        // Its ages are those of another clock, which is for another invariant to see.
        if scenario.fault == .clocks { return }
        let report = Report(of: nodes[node].ledger, at: now, scoring: scoring)
        // An answer of the first turn can say that the peer is another.
        let live = report.peers.filter { $0.isLive || isTurned && $0.ageSeconds == 0 }
            .map(\.peer.label)
        let lost = Set(nodes[node].liveBeforePause).subtracting(live)
        try checks.expect(
            .standstills,
            lost.isEmpty,
            nodes[node].nodeID,
            now,
            "\(lost.sorted()) were live before its pause and are not after it"
        )
    }

    /// A turn ends: the node says when it turns again.
    mutating func promise(_ next: Instant, by node: Int) {
        nodes[node].due = max(now, next) + RunningTime.tolerance
        guard scenario.fault != .clocks, scenario.fault != .standstills else { return }
        nodes[node].ledger.loopTurns(at: now, next: next)
    }
}

extension Node {
    /// How old what came at `moment` is: without the time in which the node stood still.
    func age(of moment: Instant, at now: Instant) -> Duration {
        // It has not turned since it was due.
        let end = due.map { min(now, $0) } ?? now
        let lost = standstills.reduce(Duration.zero) { lost, span in
            let from = max(span.lowerBound, moment)
            let to = min(span.upperBound, end)
            return from < to ? lost + (to - from) : lost
        }
        return max(.zero, end - moment) - lost
    }

    /// Whether a peer was heard no longer ago than the maximum, and is another node.
    ///
    /// After a standstill it is enough that it was so then, until the peer had its slot.
    func isLive(_ index: Peer.Index, at now: Instant) -> Bool {
        guard let answer = heard[index], answer.origin == .other else { return false }
        if age(of: answer.at, at: now) <= Scenario.maxAge { return true }
        guard let last = standstills.last, let lastPull = lastPulls[index],
            lastPull < last.lowerBound
        else { return false }
        return age(of: answer.at, at: last.lowerBound) <= Scenario.maxAge
            && age(of: last.upperBound, at: now) <= Scenario.maxAge
    }
}
