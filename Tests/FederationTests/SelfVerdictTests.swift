import Federation
import Testing

@testable import Timing

/// Failures that may be due to this node's own network.
@Suite struct SelfVerdictTests {
    /// Rounds of good pulls, one every 30 s, each peer 5 s after the one before.
    private static func good(peers: Int, rounds: Range<Int>) -> [Observation] {
        rounds.flatMap { round in
            (0..<peers).map { .answer($0, at: Double(round * 30 + $0 * 5)) }
        }
    }

    private static func ledger(peers: Int, rounds: Int = 10) -> Ledger {
        var ledger = Ledger.with(peers: peers)
        ledger.record(all: good(peers: peers, rounds: 0..<rounds))
        return ledger
    }

    private func states(_ ledger: Ledger, at seconds: Double) -> [PeerState] {
        ledger.report(at: seconds).peers.map(\.state)
    }

    @Test func `a node that reaches no peer is suspect and reports none of them down`() {
        var ledger = Self.ledger(peers: 5)
        var changes: [Ledger.Change] = []
        for index in 0..<5 {
            changes += ledger.record(.failed(index, at: 302.5 + Double(index * 5), .timedOut))
        }
        #expect(changes.own == [.suspect(.allPeersFailing)])
        #expect(changes.peers.isEmpty)
        #expect(states(ledger, at: 325) == Array(repeating: .up, count: 5))
        #expect(ledger.report(at: 325).suspicions == [.allPeersFailing: 22.5])
        #expect(ledger.report(at: 325).peers.allSatisfy { $0.failures == [.timedOut: 1] })
        #expect(ledger.report(at: 325).totals.errors == 5)

        let end = ledger.record(.answer(2, at: 341))
        #expect(end.own == [.trusted(.allPeersFailing, after: .seconds(38.5))])
        #expect(end.peers.isEmpty)
        #expect(ledger.report(at: 341).suspicions.isEmpty)
    }

    @Test(arguments: [[0], [0, 1], [1, 3]])
    func `peers that do not respond while others do are down at the next response`(dead: [Int]) {
        var ledger = Self.ledger(peers: 5)
        var changes: [Ledger.Change] = []
        for index in 0..<5 {
            let at = 300 + Double(index * 5)
            changes += ledger.record(
                dead.contains(index)
                    ? .failed(index, at: at + 2.5, .connectFailed)
                    : .answer(index, at: at)
            )
        }
        #expect(changes.own.isEmpty)
        #expect(changes.peers.map(\.peer.label) == dead.map { ["a", "b", "c", "d", "e"][$0] })
        let isDown = ledger.report(at: 330).peers.map { $0.state == .down }
        #expect(isDown == (0..<5).map(dead.contains))
        #expect(ledger.report(at: 330).peers[dead[0]].quality.successRate < 1)
    }

    @Test func `a refusal proves that the network works`() {
        var ledger = Self.ledger(peers: 5)
        ledger.record(all: [.failed(0, at: 302.5, .timedOut), .failed(1, at: 307.5, .timedOut)])
        #expect(states(ledger, at: 308) == [.up, .up, .up, .up, .up])
        let changes = ledger.record(.failed(2, at: 310, .connectRefused))
        #expect(changes.peers.map(\.peer.label) == ["a", "b", "c"])
        #expect(changes.own.isEmpty)
    }

    @Test func `five peers that refuse are down at once, and the node is not suspect`() {
        var ledger = Self.ledger(peers: 5)
        for index in 0..<5 {
            let changes = ledger.record(.failed(index, at: 300 + Double(index), .connectRefused))
            #expect(changes.peers.count == 1)
            #expect(changes.own.isEmpty)
        }
    }

    @Test func `with two peers there is too little to judge, and one that times out is down`() {
        var ledger = Self.ledger(peers: 2)
        let changes = ledger.record(.failed(0, at: 302.5, .timedOut))
        #expect(changes.peers.count == 1)
        #expect(ledger.record(.failed(1, at: 307.5, .timedOut)).peers.count == 1)
        #expect(ledger.report(at: 308).suspicions.isEmpty)
    }

    @Test func `a pull that began before the end of an outage does not count against its peer`() {
        var ledger = Self.ledger(peers: 5)
        ledger.record(all: (0..<5).map { .failed($0, at: 302.5, .timedOut) })
        ledger.record(all: [.answer(0, at: 331)])
        let during = ledger.record(.failed(1, at: 333, .timedOut, took: 2.5))
        #expect(during.isEmpty)
        ledger.record(all: [.failed(1, at: 361.5, .timedOut, took: 2.5)])
        #expect(ledger.record(.answer(2, at: 362)).peers.map(\.peer.label) == ["b"])
    }

    @Test func `a pull that includes the end of an outage has no latency`() throws {
        var ledger = Self.ledger(peers: 5)
        let before = try #require(ledger.report(at: 300).peers[0].quality.latencyP95)
        ledger.record(all: (0..<5).map { .failed($0, at: 302.5, .timedOut) })
        ledger.record(
            all: (0..<5).map { .answer($0, at: 331 + Double($0) / 10, took: 1) }
        )
        #expect(ledger.report(at: 332).peers.allSatisfy { $0.quality.latencyP95 == before })
    }

    @Test(arguments: [30.0, 299, 301, 4_000])
    func `quality after an outage of any length is as before`(length: Double) {
        var ledger = Self.ledger(peers: 5, rounds: 20)
        // One of twenty pulls failed, so the rate is not that of an empty window.
        ledger.record(all: [.failed(0, at: 585, .connectRefused), .answer(0, at: 600)])
        let before = ledger.report(at: 601).peers.map(\.quality)
        var at = 602.0
        while at < 602 + length {
            ledger.record(all: (0..<5).map { .failed($0, at: at, .timedOut, took: 0.5) })
            at += 30
        }
        let during = ledger.report(at: at).peers.map(\.quality.successRate)
        #expect(during == before.map(\.successRate))
        ledger.record(all: (0..<5).map { .answer($0, at: at + 1, took: 0.1) })
        for (peer, before) in zip(ledger.report(at: at + 2).peers, before) {
            #expect(abs(peer.quality.value - before.value) < 0.02)
        }
    }

    @Test func `an answer of this process proves nothing about the network`() {
        var ledger = Ledger.with(peers: 5)
        ledger.record(all: Self.good(peers: 4, rounds: 0..<10))
        ledger.record(all: [.good(4, at: 299, .from("here", instance: "0000000a"))])
        ledger.record(all: (0..<4).map { .failed($0, at: 302.5, .timedOut) })
        #expect(ledger.record(.good(4, at: 303, .from("here", instance: "0000000a"))).own.isEmpty)
        #expect(!ledger.report(at: 303).suspicions.isEmpty)
    }

    @Test func `among many peers an interval without any response makes the node suspect`() {
        var ledger = Ledger.with(peers: 10)
        ledger.record(all: Self.good(peers: 10, rounds: 0..<2))
        for index in 0..<3 {
            let at = 100 + Double(index) * 15
            let changes = ledger.record(.failed(index, at: at, .dnsFailed))
            #expect(changes.own == (index == 2 ? [.suspect(.allPeersFailing)] : []))
            #expect(changes.peers.isEmpty)
        }
    }

    @Test func `a failure that no other pull explains within two intervals counts`() {
        var ledger = Self.ledger(peers: 5)
        ledger.record(all: [.failed(0, at: 302.5, .timedOut), .failed(0, at: 332.5, .timedOut)])
        #expect(states(ledger, at: 333)[0] == .up)
        #expect(ledger.record(.failed(0, at: 362.5, .timedOut)).peers.count == 1)
    }

    @Test func `removing a peer drops its held failures`() {
        var ledger = Self.ledger(peers: 3)
        ledger.record(all: [.failed(0, at: 302.5, .timedOut), .failed(1, at: 307.5, .timedOut)])
        ledger.remove(0)
        #expect(ledger.insert(.named("z")) == 0)
        let changes = ledger.record(.answer(2, at: 310))
        #expect(changes.peers.map(\.peer.label) == ["b"])
        #expect(ledger[0]?.state == .unknown)
    }

    @Test func `several outages take no time in the windows`() {
        var ledger = Self.ledger(peers: 5)
        // Without the three outages of 198 s, 941 is 347.
        let calm = ledger.report(at: 347).peers.map(\.quality.samples)
        for start in [302.0, 520, 740] {
            ledger.record(all: (0..<5).map { .failed($0, at: start + 2, .timedOut, took: 1) })
            ledger.record(all: [.answer(0, at: start + 200)])
        }
        let after = ledger.report(at: 941).peers.map(\.quality.samples)
        #expect(after.dropFirst() == calm.dropFirst())
    }

    @Test func `peers that a reload replaced during an outage are judged on their own`() {
        var ledger = Self.ledger(peers: 3)
        ledger.record(all: (0..<3).map { .failed($0, at: 302, .timedOut) })
        #expect(ledger.report(at: 303).suspicions.count == 1)
        for index in 0..<3 { ledger.remove(index) }
        _ = ledger.insert(.named("new"))
        let changes = ledger.record(.failed(2, at: 333, .timedOut, took: 1))
        #expect(changes.own.count == 1 && changes.peers.count == 1)
        #expect(ledger.report(at: 333).suspicions.isEmpty)
    }

    @Test func `a peer that was never pulled is not down because of an outage`() {
        var ledger = Ledger.with(peers: 5)
        ledger.record(all: Self.good(peers: 4, rounds: 0..<10))
        #expect(ledger.record(.failed(4, at: 301, .timedOut)).isEmpty)
        ledger.record(all: (0..<4).map { .failed($0, at: 302, .timedOut) })
        #expect(states(ledger, at: 303) == [.up, .up, .up, .up, .unknown])
    }

    @Test func `a lateness ends without a response`() {
        var ledger = Self.ledger(peers: 2)
        #expect(ledger.recordHeldUp(1, at: Instant(seconds: 301)).own == [.suspect(.late)])
        let changes = ledger.record(.failed(0, at: 332, .timedOut))
        #expect(changes.own == [.trusted(.late, after: .seconds(31))])
        #expect(changes.peers.count == 1)
    }

    @Test func `a late loop makes the node suspect until it was on time for an interval`() {
        var ledger = Self.ledger(peers: 5)
        #expect(ledger.recordHeldUp(2, at: Instant(seconds: 301)).own == [.suspect(.late)])
        #expect(ledger.recordHeldUp(1, at: Instant(seconds: 302)).isEmpty)
        #expect(ledger.record(.failed(0, at: 303, .timedOut)).isEmpty)
        // That pull was not late itself, so it counts.
        #expect(ledger.record(.answer(1, at: 310)).peers.map(\.peer.label) == ["a"])
        let end = ledger.record(.answer(2, at: 333))
        #expect(end.own == [.trusted(.late, after: .seconds(32))])
        #expect(ledger.report(at: 333).totals.missed == 3)
    }
}

extension Observation {
    /// A good pull of node `n` and the index, with the time as its `ts`, so that it is not stale.
    fileprivate static func answer(
        _ index: Peer.Index,
        at seconds: Double,
        took: Double = 0.1
    ) -> Observation {
        .good(index, at: seconds, .from("n\(index)", ts: epoch + seconds), took: took)
    }
}
