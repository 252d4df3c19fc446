import Testing

@testable import Federation

@Suite struct IdentityTests {
    /// One letter in two encodings: equal as text, but not as bytes.
    private let composed = "n\u{e9}"
    private let decomposed = "ne\u{301}"

    @Test func `our node id is ourselves with our instance and a clone with another or none`() {
        #expect(ourselves.origin(of: .from("here", instance: "0000000a")) == .itself)
        #expect(ourselves.origin(of: .from("here")) == .clone)
        #expect(ourselves.origin(of: .from("here", instance: "0000000b")) == .clone)
        #expect(ourselves.origin(of: .from("there", instance: "0000000a")) == .other)
    }

    @Test func `node ids are compared byte for byte`() {
        #expect(composed == decomposed)
        let us = NodeIdentity(nodeID: composed, instance: "1")
        #expect(us.origin(of: .from(decomposed)) == .other)
        var ledger = Ledger.with(peers: 2)
        ledger.record(all: [.good(0, at: 0, .from(composed)), .good(1, at: 0, .from(decomposed))])
        let report = ledger.report(at: 1)
        #expect(report.liveCount == 2)
        #expect(report.peers.map(\.identity) == [.ok, .ok])
    }

    @Test func `combining marks in another order make another node id`() {
        #expect("a\u{323}\u{307}" == "a\u{307}\u{323}")
        #expect(ExactString("a\u{323}\u{307}") != ExactString("a\u{307}\u{323}"))
    }

    @Test func `a pull of ourselves is no failure and enters no statistic`() {
        var ledger = Ledger.with(peers: 1)
        ledger.record(all: [.good(0, at: 0, .from("here", gStar: 0.9, instance: "0000000a"))])
        let report = ledger.report(at: 1)
        let peer = report.peers[0]
        #expect(peer.state == .itself)
        #expect(peer.identity == .itself)
        #expect(!peer.isLive)
        #expect(peer.quality.samples == 0)
        #expect(peer.quality.value == 0)
        #expect(peer.failures.isEmpty)
        #expect(peer.lastSeenWall == nil)
        #expect(report.peerGStars == [])
        #expect(report.meanQuality == nil)
        #expect(report.totals.successes == 0)
        #expect(report.totals.errors == 0)
        #expect(report.totals.latency.count == 0)
        #expect(report.totals.lastSuccess == nil)
    }

    @Test func `each pull decides anew whether a peer is ourselves`() {
        var ledger = Ledger.with(peers: 1)
        ledger.record(all: [.good(0, at: 0, .from("there", gStar: 0.2))])
        #expect(ledger.report(at: 0).liveCount == 1)
        ledger.record(all: [.good(0, at: 30, .from("here", instance: "0000000a"))])
        #expect(ledger.report(at: 30).peers[0].state == .itself)
        #expect(ledger.report(at: 30).liveCount == 0)
        #expect(ledger.report(at: 30).peers[0].gStar == nil)
        ledger.record(all: [.good(0, at: 60, .from("there", gStar: 0.3))])
        #expect(ledger.report(at: 60).peers[0].state == .up)
        #expect(ledger.report(at: 60).peerGStars == [0.3])
    }

    @Test(arguments: [nil, "0000000b"])
    func `a clone is shown but never counts`(instance: String?) {
        var ledger = Ledger.with(peers: 1)
        ledger.record(all: [.good(0, at: 0, .from("here", gStar: 0.9, instance: instance))])
        let report = ledger.report(at: 0)
        let peer = report.peers[0]
        #expect(peer.state == .clone)
        #expect(peer.identity == .clone)
        #expect(peer.quality.value > 0.9)
        #expect(peer.gStar == 0.9)
        #expect(!peer.isLive)
        #expect(!peer.isCounted)
        #expect(report.liveCount == 0)
        #expect(report.peerGStars == [])
        #expect(!report.ready)
    }

    @Test func `three changes of the node id within the window make a peer changing`() {
        var ledger = Ledger.with(peers: 1)
        for (step, nodeID) in ["x", "y", "x"].enumerated() {
            ledger.record(all: [.good(0, at: Double(step) * 30, .from(nodeID))])
        }
        #expect(ledger.report(at: 60).peers[0].identity == .ok)
        ledger.record(all: [.good(0, at: 90, .from("y", gStar: 0.8))])
        #expect(ledger.report(at: 90).peers[0].identity == .changing)
        #expect(ledger.report(at: 90).peerGStars == [0.8])
        #expect(ledger.report(at: 330).peers[0].identity == .changing)
        #expect(ledger.report(at: 331).peers[0].identity == .ok)
    }

    @Test func `the info of a peer changes at most once a minute`() {
        var ledger = Ledger.with(peers: 1)
        var shown: [String] = []
        for (second, nodeID) in [(0.0, "x"), (59.9, "y"), (60, "y"), (119, "z"), (120, "z")] {
            ledger.record(all: [.good(0, at: second, .from(nodeID))])
            shown.append(ledger[0]?.shown?.nodeID ?? "none")
        }
        #expect(shown == ["x", "x", "y", "y", "z"])
    }

    @Test func `the info of a changing peer has a fixed value`() {
        var ledger = Ledger.with(peers: 2)
        for step in 0...3 {
            ledger.record(all: [.good(0, at: Double(step), .from("node \(step)", version: "2"))])
        }
        let (first, second) = (ledger.report(at: 3).peers[0], ledger.report(at: 3).peers[1])
        #expect(first.info?.nodeID == "(changing)")
        #expect(first.info?.version == "(changing)")
        #expect(first.nodeID == "node 3")
        #expect(second.info == nil)
        #expect(second.identity == .unknown)
    }
}
