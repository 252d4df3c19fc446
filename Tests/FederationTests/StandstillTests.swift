import TestSupport
import Testing

@testable import Federation
@testable import Timing

/// After a standstill of the process, peers are as live as before.
@Suite struct StandstillTests {
    /// Two peers that answered at 0 and 1 s, and a loop whose next iteration is due at 30 s.
    private func ledger() -> Ledger {
        var ledger = Ledger.with(peers: 2)
        ledger.running.recordIteration(at: Instant(seconds: 1), next: Instant(seconds: 30))
        ledger.record(all: [
            .good(0, at: 0, .from("x", gStar: 0.2)), .good(1, at: 1, .from("y", gStar: 0.7)),
        ])
        return ledger
    }

    /// The live peers that a report shows.
    private func expectLive(_ report: Report, _ comment: Comment) {
        #expect(report.liveCount == 2 && report.peers.allSatisfy(\.isLive), comment)
        #expect(agree(report.novelty, 0.5), comment)
        #expect(report.ready, comment)
    }

    @Test func `peers that were live before a standstill stay live until their next slots`() {
        var scoring = Scoring.standard
        scoring.minPeerQuality = 0.9
        scoring.minGoodPeers = 2
        var ledger = ledger()
        let before = ledger.report(at: 30, scoring)
        // The process continues at 1,000 s, and a report is made before the loop runs.
        for reading in [100.0, 1_000] {
            expectLive(ledger.report(at: reading, scoring), "read at \(reading)")
        }
        ledger.running.recordIteration(at: Instant(seconds: 1_000), next: Instant(seconds: 1_011))
        let after = ledger.report(at: 1_000, scoring)
        expectLive(after, "after an iteration of the loop")
        for (old, new) in zip(before.peers, after.peers) {
            #expect(abs(old.quality.value - new.quality.value) < 1e-4)
            #expect(old.quality.samples == new.quality.samples)
        }
        // One peer answers in its slot; the other fails and expires.
        ledger.record(all: [.good(0, at: 1_010, .from("x")), .failed(1, at: 1_011)])
        ledger.running.recordIteration(at: Instant(seconds: 1_011), next: Instant(seconds: 1_200))
        #expect(ledger.report(at: 1_000 + 60.9).liveCount == 2)
        #expect(ledger.report(at: 1_000 + 61.1).liveCount == 1)
    }

    @Test func `a peer that had nearly expired stays live until its next slot`() {
        var ledger = Ledger.with(peers: 1)
        ledger.record(all: [.good(0, at: 0, .from("x")), .failed(0, at: 60)])
        ledger.running.recordIteration(at: Instant(seconds: 80), next: Instant(seconds: 88))
        ledger.running.recordIteration(at: Instant(seconds: 500), next: Instant(seconds: 515))
        #expect(ledger.report(at: 515).liveCount == 1)
        var heard = ledger
        heard.record(all: [.good(0, at: 514, .from("x"))])
        #expect(heard.report(at: 515).liveCount == 1)
        ledger.record(all: [.failed(0, at: 514)])
        #expect(ledger.report(at: 515).liveCount == 0)
    }

    @Test func `a peer that had expired before a standstill stays expired`() {
        var ledger = Ledger.with(peers: 1)
        ledger.record(all: [.good(0, at: 0, .from("x")), .failed(0, at: 60)])
        ledger.running.recordIteration(at: Instant(seconds: 95), next: Instant(seconds: 96))
        #expect(ledger.report(at: 95).liveCount == 0)
        #expect(ledger.report(at: 500).liveCount == 0)
        ledger.running.recordIteration(at: Instant(seconds: 500), next: Instant(seconds: 510))
        #expect(ledger.report(at: 500).liveCount == 0)
    }

    @Test func `a loop on time loses no running time`() {
        var running = RunningTime()
        for second in 0..<1_000 {
            let now = Instant(seconds: Double(second) + 0.049)
            running.recordIteration(at: now, next: Instant(seconds: Double(second) + 1))
            #expect(running[now] == now)
        }
        #expect(running.latestStandstill == nil)
    }

    @Test func `while the loop hangs in a running process its peers age`() {
        var ledger = ledger()
        for second in stride(from: 0.0, through: 150, by: 15) {
            ledger.running.processRuns(at: Instant(seconds: second))
        }
        #expect(ledger.report(at: 150).liveCount == 0)
    }

    @Test func `running time never runs backwards or faster than the clock`() {
        var generator = SeededGenerator(seed: 11)
        var running = RunningTime()
        var now = 0.0
        var last = (clock: Instant(seconds: 0), running: Instant(seconds: 0))
        for _ in 0..<2_000 {
            now += Double.random(in: 0...3, using: &generator)
            let clock = Instant(seconds: now)
            if Bool.random(using: &generator) {
                let next = now + Double.random(in: -1...2, using: &generator)
                let before = running[clock]
                running.recordIteration(at: clock, next: Instant(seconds: next))
                #expect(running[clock] == before)
            }
            let moment = running[clock]
            #expect(moment >= last.running)
            #expect(moment - last.running <= clock - last.clock)
            last = (clock, moment)
        }
        #expect(running.latestStandstill.map { $0 <= last.running } == true)
    }
}
