import Testing

@testable import Federation

/// The ledger when the list of peers changes.
@Suite struct `A changed list of peers` {
    private func peer(_ label: String, _ host: String) -> Peer {
        Peer(label: label, scheme: .http, host: host, port: 80, pathPrefix: "")
    }

    @Test func `remaining peers keep their history, even under a new label`() {
        var ledger = Ledger(identity: ourselves, window: .seconds(300))
        _ = ledger.adopt([peer("a", "10.0.0.1"), peer("b", "10.0.0.2"), peer("c", "10.0.0.3")])
        for index in 0..<3 {
            _ = ledger.record(.good(index, at: 1, .from("node-\(index)")))
            _ = ledger.record(.failed(index, at: 2))
        }
        let changes = ledger.adopt([peer("c", "10.0.0.3"), peer("z", "10.0.0.1")])
        #expect(changes.added.isEmpty)
        #expect(changes.removed == [1])
        #expect(changes.renamed.map(\.peer.label) == ["z"])
        #expect(ledger[0]?.peer.label == "z" && ledger[2]?.peer.label == "c")
        #expect(ledger[1] == nil)
        for index in [0, 2] {
            #expect(ledger[index]?.window.count == 2)
            #expect(ledger[index]?.failures == [.connectRefused: 1])
        }
        #expect(ledger.totals.successes == 3)
        // A late pull of the removed peer is ignored.
        #expect(ledger.record(.good(1, at: 3, .from("node-1"))).isEmpty)
        #expect(ledger.claims.count == 2)
    }

    @Test func `new peers get free indices first`() {
        var ledger = Ledger(identity: ourselves, window: .seconds(300))
        _ = ledger.adopt((0..<10).map { peer("p\($0)", "10.0.0.\($0)") })
        let changes = ledger.adopt((5..<15).map { peer("p\($0)", "10.0.0.\($0)") })
        #expect(changes.removed == Array(0..<5))
        #expect(changes.added.map(\.index).sorted() == Array(0..<5))
        for (index, peer) in changes.added { #expect(ledger[index]?.peer == peer) }
    }

    @Test func `two peers can exchange their labels`() {
        var ledger = Ledger(identity: ourselves, window: .seconds(300))
        _ = ledger.adopt([peer("a", "10.0.0.1"), peer("b", "10.0.0.2")])
        _ = ledger.record(.good(0, at: 1, .from("first")))
        let changes = ledger.adopt([peer("b", "10.0.0.1"), peer("a", "10.0.0.2")])
        #expect(changes.renamed.count == 2)
        #expect(ledger[0]?.peer.label == "b" && ledger[0]?.window.count == 1)
    }

    @Test func `another order of the same peers changes nothing`() {
        var ledger = Ledger(identity: ourselves, window: .seconds(300))
        let peers = (0..<100).map { peer("p\($0)", "10.0.0.\($0)") }
        _ = ledger.adopt(peers)
        #expect(ledger.adopt(peers.reversed()).isEmpty)
    }

    @Test func `the ledger is only as large as the longest list`() {
        var ledger = Ledger(identity: ourselves, window: .seconds(300))
        for round in 0..<1000 {
            _ = ledger.adopt((0..<10).map { peer("r\(round)p\($0)", "10.\(round / 250).0.\($0)") })
            for (index, _) in ledger.peers {
                _ = ledger.record(.good(index, at: Double(round), .from("\(round)-\(index)")))
            }
        }
        #expect(ledger.histories.count == 10)
        #expect(ledger.claims.count <= 10)
    }
}
