import Testing

@testable import Federation
@testable import Timing

/// Peers that keep answering with the same numbers.
@Suite struct NumbersAgeTests {
    private func summary(_ nodeID: String, ts: Double, gStar: Double = 0.5) -> Summary {
        .from(nodeID, gStar: gStar, ts: epoch + ts)
    }

    /// A good pull every 30 s from `first` to `last`, with one `ts`.
    private func frozen(
        _ index: Peer.Index = 0,
        _ nodeID: String = "x",
        from first: Double = 0,
        to last: Double
    ) -> [Observation] {
        stride(from: first, through: last, by: 30)
            .map { .good(index, at: $0, summary(nodeID, ts: -5)) }
    }

    @Test func `a peer with one frozen summary for three days is up, stale, and not in N`() throws {
        let threeDays = 259_200.0
        var ledger = Ledger.with(peers: 3)
        var events: [PeerChange.Event] = []
        for second in stride(from: 0.0, through: threeDays, by: 30) {
            events +=
                ledger.changes(after: [
                    .good(0, at: second, summary("frozen", ts: 0, gStar: 1)),
                    .good(1, at: second + 1, summary("x", ts: second, gStar: 0.4)),
                    .good(2, at: second + 2, summary("y", ts: second, gStar: 0.6)),
                ])
                .flatMap(\.self)
            let report = ledger.report(at: second + 3)
            let expected = second < 300 ? [1, 0.4, 0.6] : [0.4, 0.6]
            try #require(report.peerGStars == expected && report.liveCount == expected.count)
        }
        #expect(
            events == [
                .up(after: nil), .up(after: nil), .up(after: nil), .stale(age: .seconds(300)),
            ]
        )
        let report = ledger.report(at: threeDays + 3)
        let peer = report.peers[0]
        #expect(peer.state == .up && peer.isStale && !peer.isLive && !peer.isCounted)
        #expect(peer.numbersAgeSeconds == threeDays + 3 && peer.quality.successRate == 1)
        #expect(report.peers[1].numbersAgeSeconds == 2 && !report.peers[1].isStale)
        #expect(agree(report.novelty, 0.2))
        let others = report.peers[1].quality.value + report.peers[2].quality.value
        #expect(report.meanQuality.map { agree($0, others / 2) } == true)
        #expect(ledger.peerGStars(maxAge: .seconds(90), at: Instant(seconds: threeDays)).count == 2)
    }

    @Test(arguments: [-315_576_000.0, 315_576_000])
    func `a peer whose clock is ten years off, but ticks, is not stale`(off: Double) {
        var ledger = Ledger.with(peers: 1)
        for second in stride(from: 0.0, through: 86_400, by: 30) {
            // The peer renews its numbers every minute.
            let ts = off + (second / 60).rounded(.down) * 60
            let changes = ledger.changes(after: [.good(0, at: second, summary("x", ts: ts))])
            #expect(changes == [second == 0 ? [.up(after: nil)] : []])
        }
        #expect(ledger.report(at: 86_400).liveCount == 1)
    }

    @Test func `numbers are stale from the limit on, until the ts changes`() {
        var ledger = Ledger.with(peers: 1)
        ledger.record(all: frozen(to: 270))
        #expect(ledger.changes(after: [.good(0, at: 299.9, summary("x", ts: -5))]) == [[]])
        #expect(ledger.report(at: 299.9).liveCount == 1)
        let changes = ledger.changes(
            after: frozen(from: 300, to: 900) + [
                .good(0, at: 930, summary("x", ts: -5.000_001)),
                .good(0, at: 960, summary("x", ts: -5.000_001)),
            ]
        )
        #expect(
            changes.flatMap(\.self) == [.stale(age: .seconds(300)), .fresh(after: .seconds(630))]
        )
        #expect(changes.first?.count == 1 && changes.dropLast().last?.count == 1)
        #expect(ledger.report(at: 960).liveCount == 1)
        #expect(ledger.report(at: 960).peers[0].numbersAgeSeconds == 30)
    }

    @Test func `a peer that returns after an hour with the same ts is stale`() {
        var ledger = Ledger.with(peers: 1)
        ledger.record(all: frozen(to: 30) + [.failed(0, at: 60)])
        let changes = ledger.changes(after: frozen(from: 3_600, to: 3_630))
        #expect(changes == [[.up(after: .seconds(3_540)), .stale(age: .seconds(3_600))], []])
        // Failed pulls change nothing about its numbers.
        #expect(ledger.changes(after: [.failed(0, at: 3_660)]).flatMap(\.self).count == 1)
        let report = ledger.report(at: 3_660)
        #expect(report.peers[0].state == .down && !report.peers[0].isStale && report.liveCount == 0)
    }

    @Test func `a pause of this node makes no numbers stale`() {
        var ledger = Ledger.with(peers: 1)
        ledger.record(all: frozen(to: 0))
        ledger.running.recordIteration(at: Instant(seconds: 1), next: Instant(seconds: 30))
        ledger.running.recordIteration(at: Instant(seconds: 5_000), next: Instant(seconds: 5_001))
        #expect(ledger.changes(after: frozen(from: 5_000, to: 5_000)) == [[]])
        #expect(ledger.report(at: 5_000).liveCount == 1)
    }

    @Test func `the numbers of another node are new, those of this node never stale`() {
        var ledger = Ledger.with(peers: 2)
        ledger.record(all: frozen(to: 270) + frozen(0, "y", from: 300, to: 570))
        #expect(ledger.report(at: 570).peers[0].numbersAgeSeconds == 270)
        #expect(!ledger.report(at: 570).peers[0].isStale)
        #expect(
            ledger.changes(after: frozen(0, "y", from: 600, to: 600)) == [
                [.stale(age: .seconds(300))]
            ]
        )
        let mirror = Summary.from("here", instance: "0000000a")
        for second in stride(from: 0.0, through: 900, by: 30) {
            ledger.record(all: [.good(1, at: second, mirror)])
        }
        let itself = ledger.report(at: 900).peers[1]
        #expect(itself.state == .itself && !itself.isStale && itself.numbersAgeSeconds == nil)
        // If a stale peer becomes this node, its numbers are no longer stale.
        let changes = ledger.changes(after: [.good(0, at: 930, mirror)]).flatMap(\.self)
        #expect(changes.contains(.fresh(after: .seconds(330))))
    }

    @Test func `of two peers with one node id the one whose numbers change counts`() {
        var ledger = Ledger.with(peers: 2)
        var counted: [[String]] = []
        // The first URL leads through a proxy that stores an answer until 600 s.
        for second in stride(from: 0.0, through: 660, by: 30) {
            let stored = second < 600 ? 0 : second
            ledger.record(all: [
                .good(0, at: second, summary("x", ts: stored)),
                .good(1, at: second, summary("x", ts: second)),
            ])
            counted.append(
                ledger.report(at: second).peers.filter(\.isCounted).map(\.peer.label)
            )
        }
        let expected = (0...22).map { (10..<20).contains($0) ? ["b"] : ["a"] }
        #expect(counted == expected)
    }

    @Test func `a longer limit applies from the next pull on`() {
        var ledger = Ledger.with(peers: 1)
        ledger.record(all: frozen(to: 600))
        ledger.staleAfter = .seconds(7_200)
        #expect(ledger.report(at: 610).liveCount == 0)
        #expect(
            ledger.changes(after: frozen(from: 630, to: 660)) == [
                [.fresh(after: .seconds(330))], [],
            ]
        )
        #expect(ledger.report(at: 660).liveCount == 1)
    }

    @Test func `a restart neither forgets that a peer is stale nor reports it again`() {
        var ledger = Ledger.with(peers: 2)
        ledger.record(all: frozen(to: 600) + frozen(1, "y", from: 400, to: 600))
        // The clock of the new process is 590 s behind, and 10 s are lost.
        var (restored, damaged) = ledger.restarted(
            ledger.rows(at: 600),
            savedAt: 600,
            moment: 10,
            wall: 610
        )
        #expect(damaged.isEmpty)
        #expect(restored.report(at: 10).peers.map(\.isStale) == [true, false])
        #expect(restored.report(at: 10).liveCount == 1)
        let later = restored.changes(
            after: frozen(from: 10, to: 10) + frozen(1, "y", from: 15, to: 135)
                + [.good(0, at: 150, summary("x", ts: 1))]
        )
        #expect(later.map(\.count) == [0, 0, 0, 0, 1, 0, 1])
        let spans = later.flatMap(\.self)
            .compactMap { event -> Double? in
                switch event {
                case .stale(let age): age.inSeconds
                case .fresh(let span): -span.inSeconds
                default: nil
                }
            }
        #expect(spans.count == 2 && abs(spans[0] - 305) < 1e-3 && abs(spans[1] + 450) < 1e-3)
    }
}
