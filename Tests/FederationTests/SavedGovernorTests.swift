import TestSupport
import Testing

@testable import Federation
@testable import Timing

/// What a restart keeps of the governor.
@Suite struct SavedGovernorTests {
    private static func restarted(
        _ governor: Governor,
        savedAt: Double,
        gap: Double = 0
    ) throws -> Governor {
        let row = governor.saved(
            by: SavedTime(now: Instant(seconds: savedAt), wall: epoch + savedAt)
        )
        var restored = Governor(
            constants: governor.constants,
            context: Context(mode: .auto, minPeers: 2, hysteresis: .seconds(120))
        )
        let clock = SavedTime(
            now: Instant(seconds: SavedState.moment),
            wall: epoch + savedAt + gap,
            savedAt: epoch + savedAt
        )
        try restored.restore(row, by: clock)
        return restored
    }

    /// Governors that steer, rise, are frozen, thaw, and wait for the hysteresis of the context.
    private static func governors() -> [(name: String, governor: Governor)] {
        var rising = Governor.usual { $0.gammaTarget = 0.95 }
        _ = rising.ticks(12, peers: [0.2, 0.8])
        var alone = Governor.usual()
        _ = alone.ticks(8, peers: [0.2, 0.8])
        for tick in 8..<12 { _ = alone.tick(at: Double(tick) * 15, peers: [0.2]) }
        var frozen = Governor.usual { $0.dynamics = .critical }
        _ = frozen.ticks(12)
        var calm = frozen
        calm.constants.dynamics = Dynamics()
        for tick in 12..<14 { _ = calm.tick(at: Double(tick) * 15) }
        var thawing = calm
        for tick in 14..<18 { _ = thawing.tick(at: Double(tick) * 15) }
        return [
            ("fresh", .usual()), ("rising", rising), ("alone", alone), ("frozen", frozen),
            ("calm", calm), ("thawing", thawing),
        ]
    }

    @Test func `the governors of these tests are in all states`() {
        let states = Self.governors().map(\.governor.state)
        #expect(states.contains(.steering) && states.contains(.thawing))
        #expect(states.contains(.frozen(calmSince: nil)))
        #expect(states.contains { if case .frozen(.some) = $0 { true } else { false } })
    }

    @Test(arguments: [0.0, 45])
    func `a restored governor continues with the same numbers, up to two minutes later`(
        gap: Double
    ) throws {
        for (name, original) in Self.governors() {
            let last = original.lastTick?.seconds(since: Instant(seconds: 0)) ?? 0
            let savedAt = last + 5
            var (old, new) = (original, try Self.restarted(original, savedAt: savedAt, gap: gap))
            for tick in 1...12 {
                // Alone, so that the hysteresis ends and the context changes.
                let span = Double(tick) * 15
                let before = old.tick(at: last + span, peers: [0.4])
                let after = new.tick(at: SavedState.moment + span - 5, peers: [0.4])
                let place: Comment = "\(name), gap \(gap), tick \(tick)"
                #expect(abs(after.gamma - before.gamma) < 1e-6, place)
                #expect(abs(after.eta - before.eta) < 1e-6, place)
                #expect(abs(after.nextEta - before.nextEta) < 1e-6, place)
                let (stars, oldStars) = (after.generativity, before.generativity)
                #expect(abs(stars.gStar - oldStars.gStar) < 1e-6, place)
                #expect(
                    abs(stars.components.progress - oldStars.components.progress) < 1e-6,
                    place
                )
                #expect(
                    abs(stars.components.consistency - oldStars.components.consistency) < 1e-6,
                    place
                )
                #expect(after.isFrozen == before.isFrozen, place)
                #expect(after.regimeName == before.regimeName, place)
                #expect(after.context == before.context, place)
                #expect(after.slotSeven == before.slotSeven, place)
            }
        }
    }

    @Test func `without a gap all numbers of the next tick are the same`() throws {
        for (name, original) in Self.governors() where name != "fresh" {
            // At a whole second, where the conversion to Unix time is exact.
            let last = try #require(original.lastTick).seconds(since: Instant(seconds: 0))
            var (old, new) = (original, try Self.restarted(original, savedAt: last))
            let before = old.tick(at: last + 15, peers: [0.1, 0.7], triCoherence: 0.4)
            let after = new.tick(
                at: SavedState.moment + 15,
                peers: [0.1, 0.7],
                triCoherence: 0.4
            )
            #expect(after == before, "\(name)")
        }
    }

    @Test func `ticks from the future and older than five minutes are dropped`() throws {
        var governor = Governor.usual { $0.gammaTarget = 0.95 }
        _ = governor.ticks(21)
        #expect(governor.recent.all.count == 20)
        // Those older than 300 s by the wall clock, although the gap makes them no older.
        #expect(try Self.restarted(governor, savedAt: 300, gap: 100).recent.all.count == 14)
        #expect(try Self.restarted(governor, savedAt: 300, gap: -100).recent.all.count == 13)
        let far = try Self.restarted(governor, savedAt: 300, gap: 1e7)
        #expect(far.recent.all.isEmpty)
        #expect(far.gamma == governor.gamma && far.eta == governor.eta)
    }

    @Test func `settings take precedence over what was saved`() throws {
        var governor = Governor.usual { $0.eta.most = 0.5 }
        governor.eta = 0.4
        governor.requestedEta = 0.4
        let clock = SavedTime(now: Instant(seconds: 1), wall: epoch)
        var restored = Governor.usual { $0.eta.most = 0.1 }
        try restored.restore(governor.saved(by: clock), by: clock)
        #expect(restored.eta == 0.1 && restored.requestedEta == 0.1)
        #expect(restored.constants.eta.most == 0.1)
    }
}
