import Federation
import Testing

@Suite struct ReportTests {
    @Test func `a peer is live while its last good pull is at most as old as the limit`() {
        var ledger = Ledger.with(peers: 1)
        ledger.record(all: [.good(0, at: 0, .from("x")), .failed(0, at: 30)])
        #expect(ledger.report(at: 90).peers[0].isLive)
        #expect(ledger.report(at: 90).peers[0].state == .down)
        #expect(!ledger.report(at: 90.001).peers[0].isLive)
        #expect(ledger.report(at: 90.001).peerGStars == [])
    }

    @Test func `a peer that was never pulled is unknown and has no values`() {
        let peer = Ledger.with(peers: 1).report(at: 0).peers[0]
        #expect(peer.state == .unknown)
        #expect(peer.identity == .unknown)
        #expect(peer.quality.value == 0)
        #expect(peer.quality.lowConfidence)
        #expect(peer.nodeID == nil)
        #expect(peer.lastSeenWall == nil)
        #expect(peer.ageSeconds == nil)
        #expect(peer.tsAgeSeconds == nil)
        #expect(peer.gStar == nil)
        #expect(peer.lastFailure == nil)
        #expect(peer.lastTimings == nil)
    }

    @Test func `peers are sorted by label, not by index`() {
        var ledger = Ledger.with(peers: 3)
        ledger.remove(0)
        _ = ledger.insert(.named("zeta"))
        #expect(ledger.report(at: 0).peers.map(\.peer.label) == ["b", "c", "zeta"])
    }

    @Test func `without a gate one live peer makes the node ready`() {
        var ledger = Ledger.with(peers: 2)
        #expect(!ledger.report(at: 0).ready)
        ledger.record(all: [.good(0, at: 0, .from("x"))])
        #expect(ledger.report(at: 0).ready)
        #expect(!ledger.report(at: 91).ready)
    }

    @Test func `the gate requires enough good peers`() {
        var ledger = Ledger.with(peers: 2)
        ledger.record(all: [
            .good(0, at: 0, .from("x"), took: 0), .good(1, at: 0, .from("y"), took: 2),
        ])
        var scoring = Scoring.standard
        scoring.minPeerQuality = 0.71
        #expect(ledger.report(at: 0, scoring).goodPeers == 1)
        #expect(ledger.report(at: 0, scoring).ready)
        scoring.minGoodPeers = 2
        #expect(!ledger.report(at: 0, scoring).ready)
        scoring.minPeerQuality = 0.7
        #expect(ledger.report(at: 0, scoring).goodPeers == 2)
        #expect(ledger.report(at: 0, scoring).ready)
        scoring.minPeerQuality = nil
        #expect(ledger.report(at: 91, scoring).goodPeers == 0)
        scoring.minGoodPeers = 9
        #expect(ledger.report(at: 0, scoring).ready)
    }

    @Test func `the mean quality includes only peers that count`() throws {
        var ledger = Ledger.with(peers: 4)
        ledger.record(all: [
            .good(0, at: 0, .from("x"), took: 0), .good(1, at: 0, .from("y"), took: 2),
            .good(2, at: 0, .from("here", instance: "0000000b")), .failed(3, at: 0),
        ])
        let report = ledger.report(at: 0)
        let mean = try #require(report.meanQuality)
        #expect(agree(mean, 0.85))
        #expect(report.liveCount == 2)
    }

    @Test func `among duplicates the first holder of the id enters the mean`() throws {
        var ledger = Ledger.with(peers: 2)
        ledger.record(all: [
            .good(0, at: 0, .from("x"), took: 2), .good(1, at: 1, .from("x"), took: 0),
        ])
        let mean = try #require(ledger.report(at: 0).meanQuality)
        #expect(agree(mean, 0.7))
    }

    @Test func `novelty includes only peers that count`() {
        var ledger = Ledger.with(peers: 3)
        ledger.record(all: [
            .good(0, at: 0, .from("x", gStar: 0.2)), .good(1, at: 0, .from("y", gStar: 0.7)),
            .good(2, at: 0, .from("here", gStar: 1)),
        ])
        #expect(agree(ledger.report(at: 0).novelty, 0.5))
        ledger.remove(1)
        #expect(ledger.report(at: 0).novelty == 0)
    }

    @Test func `a report before the last pull shows the age zero`() {
        var ledger = Ledger.with(peers: 1)
        ledger.record(all: [.good(0, at: 10, .from("x"))])
        let peer = ledger.report(at: 9).peers[0]
        #expect(peer.ageSeconds == 0)
        #expect(peer.quality.freshness == 1)
        #expect(peer.isLive)
    }
}
