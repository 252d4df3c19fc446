import TestSupport
import Testing

@testable import Federation
@testable import Timing

/// Rows of the saved state that were damaged.
@Suite struct SavedDamageTests {
    /// Numbers that a row never has, or that are at an edge.
    private static let numbers: [Double] = [
        .nan, .infinity, -.infinity, 0, -0.0, -1, 1e300, -1e300, 1e18, -1e18, epoch, epoch - 1e10,
        .leastNonzeroMagnitude, .greatestFiniteMagnitude, -9.3e9,
    ]

    /// Changes a row in one of several ways.
    private static func damage(_ row: [UInt8], _ random: inout SeededGenerator) -> [UInt8] {
        var row = row
        let place = Int.random(in: 0..<row.count, using: &random)
        switch Int.random(in: 0..<7, using: &random) {
        case 0: row[place] ^= 1 << UInt8.random(in: 0..<8, using: &random)
        case 1: row.removeLast(row.count - place)
        case 2: row.append(UInt8.random(in: 0...255, using: &random))
        case 3: row.remove(at: place)
        case 4:
            row = (0..<place).map { _ in UInt8.random(in: 0...255, using: &random) }
            if Bool.random(using: &random) { row.insert(1, at: 0) }
        case 5:
            for offset in 0..<8 where place + offset < row.count {
                row[place + offset] = UInt8.random(in: 0...255, using: &random)
            }
        default:
            var number = ByteWriter()
            number.put(numbers.randomElement(using: &random) ?? 0)
            for (offset, byte) in number.bytes.enumerated() where place + offset < row.count {
                row[place + offset] = byte
            }
        }
        return row
    }

    /// Three peers with short histories that differ.
    private static func ledger() -> Ledger {
        var ledger = Ledger(identity: ourselves, window: .seconds(300))
        for name in ["a", "b", "c"] { _ = ledger.insert(.named(name)) }
        ledger.record(all: [
            .good(0, at: 200, .from("x")), .failed(0, at: 210, .timedOut),
            .good(0, at: 220, .from("y")),
            .good(1, at: 201, .from("shared")), .good(1, at: 221, .from("shared")),
            .good(2, at: 202, .from("shared")), .failed(2, at: 222),
        ])
        return ledger
    }

    @Test(arguments: 1...4)
    func `no row traps, and a damaged one leaves its peer unknown and the others as they are`(
        seed: UInt64
    ) throws {
        var random = SeededGenerator(seed: seed)
        let original = Self.ledger()
        let rows = original.rows(at: 230)
        let untouched = original.restarted(rows, savedAt: 230, wall: 250).ledger
            .report(at: SavedState.moment)
        let victims = rows.keys.sorted()
        var refused = 0
        for round in 0..<5_000 {
            let place: Comment = "seed \(seed), round \(round)"
            let victim = try #require(victims.randomElement(using: &random))
            var broken = rows
            broken[victim] = Self.damage(try #require(rows[victim]), &random)
            var (ledger, damaged) = original.restarted(broken, savedAt: 230, wall: 250)
            #expect(damaged.isEmpty || damaged == [victim], place)
            refused += damaged.count
            let report = ledger.report(at: SavedState.moment)
            for (peer, before) in zip(report.peers, untouched.peers) {
                if peer.peer.url == victim {
                    expectValid(peer, isDamaged: !damaged.isEmpty, place)
                } else {
                    #expect(peer.state == before.state, place)
                    #expect(peer.quality == before.quality, place)
                    #expect(peer.nodeID == before.nodeID, place)
                }
            }
            // Its later pulls and reports are those of any peer.
            for (index, _) in ledger.peers {
                _ = ledger.record(.good(index, at: 20, .from("n\(index)")))
                _ = ledger.record(.failed(index, at: 30))
            }
            let later = ledger.report(at: 40).peers
            #expect(later.allSatisfy { $0.state == .down && $0.nodeID != nil }, place)
            #expect(ledger.rows(at: 40).count == 3, place)
        }
        // Most changes are noticed; a changed digit of a number may not be.
        #expect(refused > 2_000, "seed \(seed)")
    }

    private func expectValid(_ peer: PeerReport, isDamaged: Bool, _ place: Comment) {
        #expect((0...1).contains(peer.quality.value), place)
        #expect(peer.quality.samples <= RollingWindow.limit, place)
        #expect(peer.quality.latencyP95.map { $0.isFinite && $0 >= 0 } ?? true, place)
        for seconds in [peer.ageSeconds, peer.lastFailureAgeSeconds] {
            #expect(seconds.map { $0.isFinite && $0 >= 0 } ?? true, place)
        }
        #expect(peer.lastSeenWall?.isFinite ?? true, place)
        #expect(peer.gStar.map { (0...1).contains($0) } ?? true, place)
        guard isDamaged else { return }
        #expect(peer.state == .unknown && peer.identity == .unknown, place)
        #expect(peer.quality.samples == 0 && peer.nodeID == nil && !peer.isLive, place)
        #expect(peer.lastFailure == nil && peer.lastTimings == nil, place)
    }

    @Test func `no row of a governor traps, and a damaged one changes nothing`() throws {
        var random = SeededGenerator(seed: 5)
        var original = Governor.usual { $0.dynamics = .critical }
        _ = original.ticks(3)
        original.constants.dynamics = Dynamics()
        for tick in 3..<5 { _ = original.tick(at: Double(tick) * 15, peers: [0.1, 0.4]) }
        let row = original.saved(by: SavedTime(now: Instant(seconds: 60), wall: epoch + 60))
        let clock = SavedTime(now: Instant(seconds: 7), wall: epoch + 80, savedAt: epoch + 60)
        var fresh = Governor.usual()
        let expected = fresh.tick(at: 10, peers: [0.1, 0.4])
        var refused = 0
        for round in 0..<5_000 {
            var governor = Governor.usual()
            let broken = Self.damage(row, &random)
            let isDamaged = (try? governor.restore(broken, by: clock)) == nil
            if isDamaged { refused += 1 }
            let first = governor.tick(at: 10, peers: [0.1, 0.4])
            if isDamaged { #expect(first == expected, "round \(round)") }
            for wisdom in [first, governor.tick(at: 25, peers: []), governor.tick(at: 400)] {
                for number in [
                    wisdom.gamma, wisdom.eta, wisdom.nextEta, wisdom.generativity.gStar,
                    wisdom.generativity.components.progress,
                    wisdom.generativity.components.consistency,
                ] {
                    #expect((0...1).contains(number), "round \(round)")
                }
            }
        }
        #expect(refused > 1_000)
    }
}
