import Federation
import Testing

@Suite struct PeerChangeTests {
    private let mirror = Summary.from("here", instance: "0000000a")
    private let copy = Summary.from("here", instance: "0000000b")

    @Test func `the first answer is reported, later ones are not`() {
        var ledger = Ledger.with(peers: 1)
        let changes = ledger.changes(after: [
            .good(0, at: 0, .from("x")), .good(0, at: 30, .from("x")),
        ])
        #expect(changes == [[.up(after: nil)], []])
    }

    @Test func `a failure is reported once with its reason, a recovery with the duration`() {
        var ledger = Ledger.with(peers: 1)
        let changes = ledger.changes(after: [
            .failed(0, at: 0, .timedOut), .failed(0, at: 30, .connectRefused),
            .good(0, at: 70, .from("x")), .failed(0, at: 100, .connectRefused),
        ])
        #expect(
            changes == [
                [.down(Failure(.timedOut), after: nil)], [], [.up(after: .seconds(70))],
                [.down(Failure(.connectRefused), after: .seconds(30))],
            ]
        )
    }

    @Test func `a change names the peer and the node`() {
        var ledger = Ledger.with(peers: 2)
        let change = ledger.record(.good(1, at: 0, .from("x"))).peers.first
        #expect(change?.peer.label == "b")
        #expect(change?.nodeID == "x")
    }

    @Test func `a peer that is ourselves is reported once, and not as up`() {
        var ledger = Ledger.with(peers: 1)
        let changes = ledger.changes(after: [
            .good(0, at: 0, mirror), .good(0, at: 30, mirror), .failed(0, at: 60),
            .good(0, at: 90, mirror), .good(0, at: 120, copy),
        ])
        #expect(
            changes == [
                [.identity(from: .unknown, to: .itself)], [],
                [.down(Failure(.connectRefused), after: .seconds(60))],
                [.up(after: .seconds(30))],
                [.identity(from: .itself, to: .clone)],
            ]
        )
    }

    @Test func `a clone is reported once`() {
        var ledger = Ledger.with(peers: 1)
        let changes = ledger.changes(after: [.good(0, at: 0, copy), .good(0, at: 30, copy)])
        #expect(changes == [[.identity(from: .unknown, to: .clone)], []])
    }

    @Test func `another node id is reported`() {
        var ledger = Ledger.with(peers: 1)
        let changes = ledger.changes(after: [
            .good(0, at: 0, .from("x")), .good(0, at: 30, .from("y")),
            .good(0, at: 60, .from("y")),
        ])
        #expect(changes == [[.up(after: nil)], [.nodeID(from: "x", to: "y")], []])
    }

    @Test func `a changing peer is reported once, and when it settles`() {
        var ledger = Ledger.with(peers: 1)
        let pulls = (0..<6)
            .map { step in
                Observation.good(0, at: Double(step), .from(step.isMultiple(of: 2) ? "x" : "y"))
            }
        let changes = ledger.changes(after: pulls)
        #expect(
            changes == [
                [.up(after: nil)], [.nodeID(from: "x", to: "y")], [.nodeID(from: "y", to: "x")],
                [.identity(from: .ok, to: .changing)], [], [],
            ]
        )
        let settled = ledger.changes(after: [
            .good(0, at: 303, .from("y")), .good(0, at: 304, .from("y")),
        ])
        #expect(settled == [[], [.identity(from: .changing, to: .ok)]])
    }

    @Test func `a duplicate is reported at its own pull, the holder of the id never`() {
        var ledger = Ledger.with(peers: 2)
        let changes = ledger.changes(after: [
            .good(0, at: 0, .from("x")), .good(1, at: 1, .from("x")),
            .good(0, at: 30, .from("x")), .good(1, at: 31, .from("x")),
        ])
        #expect(
            changes == [
                [.up(after: nil)],
                [.up(after: nil), .identity(from: .unknown, to: .duplicate)],
                [], [],
            ]
        )
        ledger.remove(0)
        let alone = ledger.changes(after: [.good(1, at: 60, .from("x"))])
        #expect(alone == [[.identity(from: .duplicate, to: .ok)]])
    }
}
