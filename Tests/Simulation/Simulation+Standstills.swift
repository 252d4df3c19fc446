import Federation
import Timing

extension Simulation {
    /// An iteration begins: a standstill is recorded before the pulls.
    mutating func noteStandstill(of node: Int) {
        if let due = nodes[node].due, now > due { nodes[node].standstills.append(due..<now) }
        nodes[node].due = now + RunningTime.tolerance
        // The fault computes ages with a clock that does not stop during standstills.
        guard scenario.fault != .clocks, scenario.fault != .standstills else { return }
        nodes[node].ledger.running.recordIteration(at: now, next: now)
    }

    /// A pause begins: peers with an interval to spare must stay live.
    mutating func noteLivePeers(of node: Int) {
        nodes[node].liveBeforePause = nodes[node].heard.indices
            .filter { index in
                guard let answer = nodes[node].heard[index], answer.origin == .other,
                    !answer.isStale
                else { return false }
                let age = nodes[node].age(of: answer.at, at: now)
                return age + Scenario.interval <= Scenario.maxAge
            }
            .map { Node.nodeID(of: nodes[node].peers[$0]) }
    }

    /// A pause has ended, before or after the first iteration.
    mutating func checkStandstill(_ node: Int, hasIterated: Bool) throws(Violation) {
        // Its ages come from another clock, which another invariant must detect.
        if scenario.fault == .clocks { return }
        let report = Report(of: nodes[node].ledger, at: now, scoring: scoring)
        // An answer of the first iteration can show that the peer is another node.
        let live = report.peers.filter { $0.isLive || hasIterated && $0.ageSeconds == 0 }
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

    /// An iteration ends: the node announces the next one.
    mutating func announce(_ next: Instant, by node: Int) {
        nodes[node].due = max(now, next) + RunningTime.tolerance
        guard scenario.fault != .clocks, scenario.fault != .standstills else { return }
        nodes[node].ledger.running.recordIteration(at: now, next: next)
    }
}

extension Node {
    /// The age of an answer at `moment`, without standstills of the node.
    func age(of moment: Instant, at now: Instant) -> Duration {
        // The node has been late since its iteration was due.
        let end = due.map { min(now, $0) } ?? now
        let lost = standstills.reduce(Duration.zero) { lost, span in
            let from = max(span.lowerBound, moment)
            let to = min(span.upperBound, end)
            return from < to ? lost + (to - from) : lost
        }
        return max(.zero, end - moment) - lost
    }

    /// Whether a peer is another node, within the maximum age and not stale.
    ///
    /// After a standstill, having been so before is enough until the peer's next slot.
    func isLive(_ index: Peer.Index, at now: Instant) -> Bool {
        guard let answer = heard[index], answer.origin == .other, !answer.isStale
        else { return false }
        if age(of: answer.at, at: now) <= Scenario.maxAge { return true }
        guard let last = standstills.last, let lastPull = lastPulls[index],
            lastPull < last.lowerBound
        else { return false }
        return age(of: answer.at, at: last.lowerBound) <= Scenario.maxAge
            && age(of: last.upperBound, at: now) <= Scenario.maxAge
    }
}
