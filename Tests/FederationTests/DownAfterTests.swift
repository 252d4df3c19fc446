import Testing

@testable import Federation
@testable import Timing

/// NOVA_FED_DOWN_AFTER: how many consecutive failed pulls make a peer `down`.
@Suite struct DownAfterTests {
    /// A ledger whose peers have answered at 0 s.
    private static func ledger(peers: Int = 1, downAfter: Int) -> Ledger {
        var ledger = Ledger.with(peers: peers)
        ledger.downAfter = downAfter
        ledger.record(all: (0..<peers).map { .good($0, at: 0, .from("n\($0)")) })
        return ledger
    }

    /// Whether each of these pulls of the first peer, one every 30 s, is followed by a change to
    /// `down`; `true` is a good pull.
    private static func downs(_ ledger: inout Ledger, _ pulls: [Bool], from: Double) -> [Bool] {
        pulls.enumerated()
            .map { number, isGood in
                let at = from + Double(number) * 30
                let events = ledger.changes(after: [
                    isGood ? .good(0, at: at, .from("n0")) : .failed(0, at: at, .connectRefused)
                ])
                return events[0]
                    .contains {
                        if case .down = $0 { true } else { false }
                    }
            }
    }

    @Test(arguments: [1, 2, 3, 10])
    func `a peer is down after this many consecutive failed pulls, and that is reported once`(
        downAfter: Int
    ) {
        var ledger = Self.ledger(downAfter: downAfter)
        let downs = Self.downs(&ledger, Array(repeating: false, count: 12), from: 30)
        #expect(downs.indices.filter { downs[$0] } == [downAfter - 1])
        #expect(ledger.report(at: 360).peers[0].state == .down)
    }

    @Test func `a good pull starts the count again`() {
        var ledger = Self.ledger(downAfter: 3)
        let pulls = [false, false, true, false, false, true, false, false, false, true, false]
        let downs = Self.downs(&ledger, pulls, from: 30)
        #expect(downs.indices.filter { downs[$0] } == [8])
        #expect(ledger.report(at: 330).peers[0].state == .up)
    }

    @Test func `a failure that does not make a peer down counts in its quality and its failures`() {
        var ledger = Self.ledger(downAfter: 2)
        ledger.record(all: [.failed(0, at: 30, .connectRefused)])
        let peer = ledger.report(at: 30).peers[0]
        #expect(peer.state == .up)
        #expect(peer.quality.successRate == 0.5)
        #expect(peer.failures == [.connectRefused: 1])
        #expect(peer.lastFailure?.failure.reason == .connectRefused)
    }

    @Test func `a peer that has never responded is down at its first failed pull`() {
        var ledger = Ledger.with(peers: 1)
        ledger.downAfter = 3
        #expect(Self.downs(&ledger, [false, false], from: 0) == [true, false])
    }

    @Test func `a change of the number applies to the next failed pull`() {
        var ledger = Self.ledger(downAfter: 10)
        #expect(Self.downs(&ledger, [false, false, false], from: 30) == [false, false, false])
        ledger.downAfter = 2
        #expect(Self.downs(&ledger, [false], from: 120) == [true])
        ledger.downAfter = 10
        #expect(Self.downs(&ledger, [false], from: 150) == [false])
        #expect(ledger.report(at: 150).peers[0].state == .down)
    }

    @Test func `an answer of this node itself ends a series of failures`() {
        var ledger = Self.ledger(downAfter: 2)
        ledger.record(all: [.failed(0, at: 30)])
        let own = Summary.from(ourselves.nodeID, instance: ourselves.instance)
        ledger.record(all: [.good(0, at: 60, own)])
        ledger.record(all: [.failed(0, at: 90)])
        #expect(ledger.report(at: 90).peers[0].state == .itself)
        ledger.record(all: [.failed(0, at: 120)])
        #expect(ledger.report(at: 120).peers[0].state == .down)
    }

    @Test func `failures from before a restart count`() {
        var ledger = Self.ledger(downAfter: 3)
        ledger.record(all: [.failed(0, at: 30), .failed(0, at: 60)])
        var (restarted, damaged) = ledger.restarted(ledger.rows(at: 60), savedAt: 60, wall: 70)
        restarted.downAfter = 3
        #expect(damaged.isEmpty)
        #expect(Self.downs(&restarted, [false], from: SavedState.moment + 20) == [true])
    }

    @Test func `failures that do not count against a peer are not among them`() {
        var ledger = Self.ledger(peers: 3, downAfter: 2)
        var changes: [Ledger.Change] = []
        for index in 0..<3 {
            changes += ledger.record(.failed(index, at: 32.5 + Double(index), .timedOut))
        }
        #expect(changes.own == [.suspect(.allPeersFailing)])
        ledger.record(all: [.good(1, at: 61, .from("n1")), .good(2, at: 62, .from("n2"))])
        changes = ledger.record(.failed(0, at: 90, .timedOut))
        changes += ledger.record(.good(1, at: 91, .from("n1")))
        #expect(changes.peers.isEmpty)
        changes = ledger.record(.failed(0, at: 120, .timedOut))
        changes += ledger.record(.good(1, at: 121, .from("n1")))
        #expect(changes.peers.map(\.peer.label) == ["a"])
    }
}
