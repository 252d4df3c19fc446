import Testing

@testable import Federation

/// Which of several peers with one node id counts.
@Suite struct HolderTests {
    /// The labels of the peers that count, and the identities of all.
    private func seen(
        _ ledger: Ledger,
        at seconds: Double
    ) -> (counted: [String], identities: [IdentityState]) {
        let report = ledger.report(at: seconds)
        return (report.peers.filter(\.isCounted).map(\.peer.label), report.peers.map(\.identity))
    }

    @Test func `a peer that answers with another's node id does not replace its G*`() {
        var ledger = Ledger.with(peers: 3)
        ledger.record(all: [
            .good(0, at: 0, .from("x", gStar: 0.3)), .good(1, at: 1, .from("y", gStar: 0.3)),
            .good(2, at: 2, .from("z", gStar: 0.3)),
        ])
        for round in 1...20 {
            let start = Double(round) * 30
            ledger.record(all: [
                .good(0, at: start, .from("x", gStar: 0.3, ts: epoch + start)),
                .good(1, at: start + 1, .from("y", gStar: 0.3, ts: epoch + start)),
                .good(2, at: start + 2, .from("x", gStar: 0.9, ts: epoch + start)),
            ])
            for moment in [start + 2, start + 29] {
                let report = ledger.report(at: moment)
                #expect(report.peerGStars == [0.3, 0.3] && report.novelty == 0)
                #expect(report.peers.map(\.identity) == [.ok, .ok, .duplicate])
                #expect(report.peers.map(\.isLive) == [true, true, true])
                #expect(report.peers.map(\.isCounted) == [true, true, false])
                #expect(report.peers.map(\.holder) == ["a", "b", "a"])
            }
        }
    }

    @Test func `the holder counts until it is no longer live, and again once it recovers`() {
        var ledger = Ledger.with(peers: 2)
        ledger.record(all: [
            .good(0, at: 0, .from("x", gStar: 0.1)), .good(1, at: 1, .from("x", gStar: 0.2)),
            .failed(0, at: 30), .failed(0, at: 60), .good(1, at: 61, .from("x", gStar: 0.2)),
        ])
        #expect(ledger.report(at: 90).peerGStars == [0.1])
        let taken = ledger.report(at: 90.001)
        #expect(taken.peerGStars == [0.2])
        #expect(taken.peers.map(\.holder) == ["b", "b"])
        // The peer that counts is no duplicate, although the other held the id within the window.
        #expect(taken.peers.map(\.identity) == [.ok, .ok])
        #expect(ledger.report(at: 151).peerGStars == [0.2])
        #expect(ledger.report(at: 152).peers.map(\.holder) == [nil, nil])
        let later = Summary.from("x", ts: epoch + 150)
        ledger.record(all: [.good(1, at: 152, later), .good(0, at: 400, later)])
        #expect(seen(ledger, at: 400) == (["a"], [.ok, .duplicate]))
        ledger.record(all: [.good(1, at: 401, later)])
        #expect(seen(ledger, at: 401) == (["a"], [.ok, .duplicate]))
    }

    @Test(arguments: [0, 2])
    func `a peer that alternates between two ids marks no honest peer as a duplicate`(
        liar: Peer.Index
    ) {
        var ledger = Ledger.with(peers: 3)
        let honest = [0, 1, 2].filter { $0 != liar }
        var second = 0.0
        for round in 0..<40 {
            for index in honest {
                second += 1
                let summary = Summary.from("honest \(index)", gStar: 0.3, ts: epoch + second)
                ledger.record(all: [.good(index, at: second, summary)])
            }
            second += 1
            let claimed = honest[round % 2]
            ledger.record(all: [.good(liar, at: second, .from("honest \(claimed)", gStar: 0.9))])
            let report = ledger.report(at: second)
            // All claims date from first pulls, so the configured order decides.
            guard round > 0 else { continue }
            for index in honest { #expect(report.peers[index].identity == .ok, "round \(round)") }
            let expected: IdentityState = round < 3 ? .duplicate : .changing
            #expect(report.peers[liar].identity == expected, "round \(round)")
            #expect(report.peerGStars == [0.3, 0.3], "round \(round)")
            second += 27
        }
    }

    @Test func `a peer that returns to an id has a new claim`() {
        var ledger = Ledger.with(peers: 2)
        ledger.record(all: [
            .good(0, at: 0, .from("x")), .good(1, at: 1, .from("x")), .good(0, at: 30, .from("y")),
        ])
        #expect(seen(ledger, at: 30) == (["a", "b"], [.ok, .ok]))
        ledger.record(all: [.good(0, at: 60, .from("x"))])
        #expect(seen(ledger, at: 60) == (["b"], [.duplicate, .ok]))
    }

    @Test func `after a start the configured order decides, not the faster answer`() {
        var ledger = Ledger(identity: ourselves, window: .seconds(300))
        _ = ledger.adopt([.named("b"), .named("a")], ranks: [1, 0])
        ledger.record(all: [.good(0, at: 0, .from("x")), .good(1, at: 2, .from("x"))])
        #expect(seen(ledger, at: 2) == (["a"], [.ok, .duplicate]))
    }

    @Test
    func `a peer that failed first claims its id with its first answer, whatever its position`() {
        var ledger = Ledger.with(peers: 2)
        ledger.record(all: [
            .failed(0, at: 0), .good(1, at: 1, .from("x")), .good(0, at: 30, .from("x")),
        ])
        #expect(seen(ledger, at: 30) == (["b"], [.duplicate, .ok]))
    }

    @Test func `a peer added by a reload does not take over the id of another`() {
        var ledger = Ledger.with(peers: 2)
        ledger.record(all: [.good(0, at: 0, .from("x")), .good(1, at: 1, .from("y"))])
        let changes = ledger.adopt([.named("new"), .named("a"), .named("b")])
        let index = changes.added[0].index
        ledger.record(all: [.good(index, at: 2, .from("x"))])
        let report = ledger.report(at: 2)
        #expect(report.peers.map(\.holder) == ["a", "b", "a"])
        #expect(report.peers.map(\.identity) == [.ok, .ok, .duplicate])
    }

    @Test func `when a reload removes a holder, the next claim counts`() {
        var ledger = Ledger.with(peers: 3)
        ledger.record(all: (0..<3).map { .good($0, at: Double($0), .from("x", gStar: 0.1)) })
        // A new label changes nothing.
        var other = Peer.named("a")
        other.label = "z"
        _ = ledger.adopt([.named("b"), .named("c"), other])
        // The order changes too, because all claims date from first pulls.
        #expect(seen(ledger, at: 2) == (["b"], [.ok, .duplicate, .duplicate]))
        _ = ledger.adopt([other, .named("c")])
        #expect(seen(ledger, at: 2) == (["z"], [.duplicate, .ok]))
    }

    @Test func `neither clones nor this node hold an id`() {
        var ledger = Ledger.with(peers: 3)
        ledger.record(all: [
            .good(0, at: 0, .from("here", instance: "0000000a")), .good(1, at: 1, .from("here")),
            .good(2, at: 2, .from("here", instance: "0000000b")),
        ])
        let report = ledger.report(at: 2)
        #expect(report.peers.map(\.identity) == [.itself, .clone, .clone])
        #expect(report.peers.allSatisfy { $0.holder == nil && !$0.isCounted })
        #expect(report.liveCount == 0)
    }

    @Test func `a report of ten thousand peers with one id is fast`() {
        var ledger = Ledger(identity: ourselves, window: .seconds(300))
        let clock = ContinuousClock()
        for index in 0..<10_000 {
            _ = ledger.insert(.named("p\(index)"))
            ledger.record(all: [.good(index, at: 0, .from("x"))])
        }
        let took = clock.measure { #expect(ledger.report(at: 1).liveCount == 1) }
        #expect(took < .seconds(5), "\(took)")
    }
}
