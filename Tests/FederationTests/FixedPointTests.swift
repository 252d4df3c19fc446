import Federation
import Testing

/// The values at which governors in one federation settle, on a virtual clock.
@Suite struct FixedPointTests {
    /// Lets the nodes of a full mesh tick every 15 s, in turn, for an hour.
    ///
    /// - Parameters:
    ///   - starts: the initial G* of each builtin node.
    ///   - pinned: the G* of the nodes that do not change.
    ///
    /// - Returns: The last values of each builtin node.
    private func settle(starts: [Double], pinned: [Double]) -> [Wisdom] {
        var gStars = starts
        var governors = starts.map { _ in Governor.usual() }
        var wisdoms: [Wisdom] = []
        for tick in 0..<240 {
            wisdoms = []
            for node in governors.indices {
                let others = gStars.indices.filter { $0 != node }.map { gStars[$0] }
                let second = Double(tick) * 15 + Double(node)
                let wisdom = governors[node].tick(at: second, peers: others + pinned)
                gStars[node] = wisdom.generativity.gStar
                wisdoms.append(wisdom)
            }
        }
        return wisdoms
    }

    /// x = 0.3 + 0.3 (0.9 - x) has the solution 0.57 / 1.3.
    @Test func `one peer pinned at 0.9 moves two followers to 0.438`() {
        for wisdom in settle(starts: [0.3, 0.3], pinned: [0.9]) {
            #expect(abs(wisdom.generativity.gStar - 0.438_46) < 1e-3)
            #expect(wisdom.context == .federated)
        }
    }

    @Test func `three nodes with peers at 0.9 and 0.1 settle at 0.470`() {
        for wisdom in settle(starts: [0.3, 0.3, 0.3], pinned: [0.9, 0.1]) {
            let components = wisdom.generativity.components
            #expect(abs(wisdom.generativity.gStar - 0.470) < 1e-3)
            #expect(abs(components.novelty - 0.566) < 1e-3)
            #expect(components.progress == 0)
            #expect(abs(components.consistency - 1) < 1e-3)
        }
    }

    @Test(arguments: [[0.3, 0.45, 0.6], [0, 0.5, 1], [0.3, 0.3, 0.3, 0.9, 0.1]])
    func `a federation of similar nodes settles at 0.30 without novelty`(starts: [Double]) {
        for wisdom in settle(starts: starts, pinned: []) {
            #expect(wisdom.generativity.components.novelty < 1e-6)
            #expect(abs(wisdom.generativity.gStar - 0.30) < 1e-6)
            #expect(abs(wisdom.nextEta - 0.074) < 1e-6)
        }
    }
}
