import Testing

@testable import Federation
@testable import Timing

@Suite struct LedgerTests {
    @Test func `a free index is reused with an empty history`() {
        var ledger = Ledger.with(peers: 3)
        ledger.record(all: [.good(1, at: 0, .from("x")), .failed(1, at: 1)])
        ledger.remove(1)
        let indices = [ledger.insert(.named("new")), ledger.insert(.named("newer"))]
        #expect(indices == [1, 3])
        let peer = ledger[1]
        #expect(peer?.peer == .named("new"))
        #expect(peer?.state == .unknown)
        #expect(peer?.window.isEmpty == true)
        #expect(peer?.failures == [:])
    }

    @Test func `removing a peer keeps only the totals`() {
        var ledger = Ledger.with(peers: 2)
        ledger.record(all: [
            .good(0, at: 0, .from("x", gStar: 0.1)), .good(1, at: 0, .from("x", gStar: 0.2)),
            .failed(0, at: 1),
        ])
        ledger.remove(0)
        let report = ledger.report(at: 1)
        #expect(report.peers.map(\.peer.label) == ["b"])
        #expect(report.peers.map(\.identity) == [.ok])
        #expect(report.peerGStars == [0.2])
        #expect(report.totals.successes == 2)
        #expect(report.totals.errors == 1)
        ledger.remove(1)
        #expect(ledger.report(at: 1).peers.isEmpty)
        #expect(ledger.peerGStars(maxAge: .seconds(90), at: Instant(seconds: 1)) == [])
    }

    @Test func `a pull of a removed peer is ignored`() {
        var ledger = Ledger.with(peers: 1)
        ledger.remove(0)
        ledger.remove(0)
        let changes = ledger.changes(after: [0, 1, -1].map { .failed($0, at: 0) })
        #expect(changes == [[], [], []])
        #expect(ledger.totals.errors == 0)
        #expect(ledger[-1] == nil)
        let indices = [ledger.insert(.named("a")), ledger.insert(.named("b"))]
        #expect(indices == [0, 1])
    }

    @Test func `later changes do not affect a copy`() {
        var ledger = Ledger.with(peers: 1)
        ledger.record(all: [.good(0, at: 0, .from("x", gStar: 0.1))])
        let copy = ledger
        ledger.record(all: [.good(0, at: 30, .from("x", gStar: 0.9)), .failed(0, at: 60)])
        ledger.remove(0)
        let report = copy.report(at: 60)
        #expect(report.peerGStars == [0.1])
        #expect(report.peers[0].quality.samples == 1)
        #expect(report.totals.errors == 0)
    }

    @Test func `failures are counted by reason and by type`() {
        var ledger = Ledger.with(peers: 1)
        let reasons: [FailureReason] = [.timedOut, .timedOut, .notJSON, .internal, .dnsFailed]
        for (step, reason) in reasons.enumerated() {
            ledger.record(all: [.failed(0, at: Double(step), reason)])
        }
        let peer = ledger.report(at: 5).peers[0]
        #expect(peer.failures == [.timedOut: 2, .notJSON: 1, .internal: 1, .dnsFailed: 1])
        #expect(ErrorType.allCases.map(peer.failures.errors) == [3, 1, 1])
        #expect(peer.lastFailure?.failure.reason == .dnsFailed)
        #expect(peer.lastFailure?.received == Instant(seconds: 4))
        #expect(peer.lastFailureAgeSeconds == 1)
    }

    @Test func `the latency histogram counts only good pulls`() {
        var ledger = Ledger.with(peers: 1)
        ledger.record(all: [
            .good(0, at: 0, .from("x"), took: 0.02), .failed(0, at: 1, took: 2.5),
            .good(0, at: 2, .from("x"), took: 3),
        ])
        #expect(ledger.totals.latency.count == 2)
        #expect(ledger.totals.latency.sum == 3.02)
        #expect(ledger.totals.lastSuccess == epoch + 2)
        #expect(ledger.totals.lastError == epoch + 1)
    }

    @Test func `a node id that no peer uses any more is forgotten`() {
        var ledger = Ledger.with(peers: 2)
        for step in 0..<100 {
            ledger.record(all: [.good(step % 2, at: Double(step), .from("node \(step)"))])
        }
        #expect(ledger.claims.count == 2)
        ledger.remove(0)
        ledger.remove(1)
        #expect(ledger.claims.isEmpty)
    }

    @Test func `a pull that ended before the latest one changes only the window`() {
        var ledger = Ledger.with(peers: 2)
        ledger.record(all: [
            .good(0, at: 60, .from("x", gStar: 0.6)), .failed(0, at: 30),
            .good(0, at: 40, .from("y", gStar: 0.4)),
            .failed(1, at: 60), .good(1, at: 30, .from("z", gStar: 0.3)),
        ])
        let peers = ledger.report(at: 60).peers
        #expect(peers.map(\.state) == [.up, .down])
        #expect(peers.map(\.nodeID) == ["x", "z"])
        #expect(peers.map(\.gStar) == [0.6, 0.3])
        #expect(peers.map(\.ageSeconds) == [0, 30])
        #expect(peers.map(\.quality.samples) == [3, 2])
    }

    @Test func `missed slots are counted`() {
        var ledger = Ledger.with(peers: 0)
        ledger.recordMissed(2)
        ledger.recordMissed(1)
        #expect(ledger.report(at: 0).totals.missed == 3)
    }

    @Test func `a good pull keeps its sample`() {
        var ledger = Ledger.with(peers: 1)
        let summary = Summary.from("x", gStar: 0.25, ts: epoch - 4)
        ledger.record(all: [.good(0, at: 3, summary)])
        let sample = ledger[0]?.window.first?.sample
        #expect(sample?.nodeID == "x")
        #expect(sample?.ts == epoch - 4)
        #expect(sample?.metrics == summary.metrics)
        #expect(ledger[0]?.window.first?.received == Instant(seconds: 3))
        let report = ledger.report(at: 3).peers[0]
        #expect(report.lastSeenWall == epoch + 3)
        #expect(report.tsAgeSeconds == 7)
    }

    @Test func `a good pull that this process delayed counts as good but has no latency`() {
        var ledger = Ledger.with(peers: 1)
        ledger.record(all: [.good(0, at: 0, .from("x"), took: 0.3)])
        for second in 1...9 {
            var pull = Observation.good(0, at: Double(second), .from("x"), took: 0.9)
            pull.timings.wasHeldUp = true
            _ = ledger.record(pull)
        }
        let report = ledger.report(at: 9)
        #expect(report.peers[0].state == .up)
        #expect(report.peers[0].quality.samples == 10)
        #expect(report.peers[0].quality.successRate == 1)
        #expect(report.peers[0].quality.latencyP95 == 0.3)
        #expect(report.totals.successes == 10)
        #expect(report.totals.latency.count == 1)
        // The measured timings are still shown.
        #expect(report.peers[0].lastTimings?.total == 0.9)
    }
}
