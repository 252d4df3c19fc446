import Testing

@testable import Federation

/// Two peers with the same numbers at the same moment are one machine.
@Suite struct EchoTests {
    /// A summary of `nodeID` with chosen numbers and `ts`.
    private func summary(_ nodeID: String, ts: Double, gStar: Double = 0.4) -> Summary {
        .from(nodeID, gStar: gStar, ts: epoch + ts)
    }

    /// The peers that publish another peer's numbers, by label.
    private func echoes(_ ledger: Ledger, at seconds: Double) -> [String: String] {
        var echoes: [String: String] = [:]
        for peer in ledger.report(at: seconds).peers {
            echoes[peer.peer.label] = peer.sameNumbersAs
        }
        return echoes
    }

    private func twins(_ what: [[PeerChange.Event]]) -> [String] {
        what.flatMap { $0 }
            .compactMap { if case .sameNumbers(let other) = $0 { other } else { nil } }
    }

    @Test func `a node that publishes its neighbour's numbers is logged once and shown`() {
        var ledger = Ledger.with(peers: 3)
        var changes: [[PeerChange.Event]] = []
        for round in 0..<10 {
            let (start, ts) = (Double(round) * 30, Double(round) * 30 - 3)
            // Every node computes its own quality of peers.
            var beside = summary("fed", ts: ts)
            beside.metrics.peerQuality = 0.9
            changes += ledger.changes(after: [
                .good(0, at: start, summary("nova", ts: ts)), .good(1, at: start + 9, beside),
                .good(2, at: start + 20, summary("other", ts: ts + 0.000_001)),
            ])
            let expected = round < 2 ? [:] : ["b": "a"]
            #expect(echoes(ledger, at: start + 29) == expected, "round \(round)")
        }
        #expect(twins(changes) == ["a"])
        // Both still count, because nothing shows which one to drop.
        #expect(ledger.report(at: 299).liveCount == 3)
    }

    @Test func `two peers with the same constant numbers are logged once`() {
        var ledger = Ledger.with(peers: 2)
        var changes: [[PeerChange.Event]] = []
        for round in 0..<10 {
            let start = Double(round) * 30
            changes += ledger.changes(after: [
                .good(0, at: start, summary("nova", ts: 1)),
                .good(1, at: start + 9, summary("fed", ts: 1)),
            ])
        }
        #expect(twins(changes).count == 1)
        #expect(echoes(ledger, at: 299) == ["a": "b", "b": "a"])
    }

    @Test func `equal numbers with another ts, or other numbers with the same ts, are no echo`() {
        var ledger = Ledger.with(peers: 4)
        var changes: [[PeerChange.Event]] = []
        for round in 0..<10 {
            let start = Double(round) * 30
            changes += ledger.changes(after: [
                .good(0, at: start, summary("x", ts: start)),
                .good(1, at: start + 1, summary("y", ts: start + 1e-6)),
                .good(2, at: start + 2, summary("z", ts: start, gStar: 0.5)),
                // One node with two URLs is a duplicate.
                .good(3, at: start + 3, summary("z", ts: start, gStar: 0.5)),
            ])
        }
        #expect(twins(changes) == [] && echoes(ledger, at: 280) == [:])
    }

    @Test func `removing a peer ends its pair and clears its index`() {
        var ledger = Ledger.with(peers: 2)
        for round in 0..<5 {
            let start = Double(round) * 30
            ledger.record(all: [
                .good(0, at: start, summary("nova", ts: start)),
                .good(1, at: start + 9, summary("fed", ts: start)),
            ])
        }
        #expect(echoes(ledger, at: 140) == ["b": "a"])
        ledger.remove(0)
        #expect(echoes(ledger, at: 140) == [:])
        #expect(ledger.insert(.named("new")) == 0)
        #expect(echoes(ledger, at: 140) == [:])
    }

    @Test func `with ten thousand peers of one ts only a few pairs are logged`() {
        var ledger = Ledger(identity: ourselves, window: .seconds(300))
        var changes: [[PeerChange.Event]] = []
        for index in 0..<10_000 { _ = ledger.insert(.named("p\(index)")) }
        for round in 0..<4 {
            changes += ledger.changes(
                after: (0..<10_000)
                    .map { .good($0, at: Double(round) * 30, summary("n\($0)", ts: 1)) }
            )
        }
        #expect(twins(changes).count == EchoDetector.maximumLogged)
    }
}
