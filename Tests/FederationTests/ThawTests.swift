import Testing

@testable import Federation

/// How the governor freezes and thaws.
@Suite struct ThawTests {
    @Test func `a small Hopf distance freezes the governor and keeps eta`() {
        var governor = Governor.usual { $0.dynamics = .nearlyOscillating }
        for wisdom in governor.ticks(100) {
            #expect(wisdom.isFrozen)
            #expect(wisdom.nextEta == 0.10)
            #expect(wisdom.slotSeven.reason == .frozen && wisdom.slotSeven.jobs == 2)
        }
    }

    @Test func `a critical margin freezes the governor and sets eta to its minimum`() {
        var governor = Governor.usual { $0.dynamics = .critical }
        for (index, wisdom) in governor.ticks(100).enumerated() {
            #expect(wisdom.isFrozen)
            #expect(wisdom.regime == .critical)
            #expect(wisdom.eta == (index == 0 ? 0.10 : 0.05))
            #expect(wisdom.nextEta == 0.05)
        }
    }

    @Test func `values at the thresholds do not freeze the governor`() {
        var hopf = Governor.usual {
            $0.dynamics = .nearlyOscillating
            $0.hopfThreshold = 0.01
        }
        let atBoth = hopf.tick(at: 0)
        #expect(atBoth.stability.margin == 0.01 && atBoth.stability.hopfDistance == 0.01)
        #expect(!atBoth.isFrozen)
        hopf.constants.hopfThreshold = 0.010_001
        #expect(hopf.tick(at: 15).isFrozen)
        hopf.constants.hopfThreshold = 0
        hopf.constants.thresholds.criticalMargin = 0.010_001
        var critical = Governor.usual(minPeers: 2) { $0 = hopf.constants }
        #expect(critical.tick(at: 0).isFrozen)
    }

    /// Frozen at 0, all conditions hold from 15 on, so the first tick at 75 or later thaws.
    @Test(arguments: [1.0, 2.5, 5, 15, 20, 30, 60])
    func `it thaws after all conditions held for a minute, not a tick earlier`(period: Double) {
        var governor = Governor.usual { $0.dynamics = .nearlyOscillating }
        #expect(governor.tick(at: 0).isFrozen)
        governor.constants.dynamics = Dynamics()
        var second = 15.0
        while second < 75 {
            #expect(governor.tick(at: second).isFrozen, "at \(second)")
            second += period
        }
        #expect(!governor.tick(at: second).isFrozen, "at \(second)")
    }

    @Test func `a violated condition restarts the minute`() {
        var governor = Governor.usual { $0.dynamics = .nearlyOscillating }
        _ = governor.tick(at: 0)
        governor.constants.dynamics = Dynamics()
        _ = governor.tick(at: 15)
        governor.constants.dynamics = .nearlyOscillating
        _ = governor.tick(at: 70)
        governor.constants.dynamics = Dynamics()
        #expect(governor.tick(at: 75).isFrozen)
        #expect(governor.tick(at: 134.9).isFrozen)
        #expect(!governor.tick(at: 135).isFrozen)
    }

    @Test(arguments: [(0.049_999, true), (0.05, false), (0.06, false)])
    func `a thaw requires a stable block`(margin: Double, isFrozen: Bool) {
        var governor = Governor.usual { $0.dynamics = .critical }
        _ = governor.tick(at: 0)
        governor.constants.dynamics = Dynamics(margin, 0.1, 0.3, margin)
        _ = governor.tick(at: 15)
        #expect(governor.tick(at: 75).isFrozen == isFrozen)
    }

    /// Here eta keeps S below the 0.05 of a thaw.
    @Test func `a small eta does not keep it frozen`() {
        var governor = Governor.usual {
            $0.dynamics = .critical
            $0.eta.least = 0.02
        }
        _ = governor.tick(at: 0)
        governor.constants.dynamics = Dynamics()
        #expect(governor.tick(at: 15).stability.margin == 0.02)
        let thawed = governor.tick(at: 75)
        #expect(thawed.stability.margin == 0.02)
        #expect(!thawed.isFrozen)
        #expect(agree(thawed.nextEta, 0.022))
    }

    @Test func `a higher freeze threshold also applies to the thaw`() {
        var governor = Governor.usual {
            $0.dynamics = Dynamics(0.06, 0.1, 0.3, 0.06)
            $0.hopfThreshold = 0.1
        }
        for wisdom in governor.ticks(20) { #expect(wisdom.isFrozen) }
        // All conditions hold only from here on.
        governor.constants.hopfThreshold = 0.06
        for second in [310.0, 320, 330, 340, 350, 360, 369] {
            #expect(governor.tick(at: second).isFrozen, "at \(second)")
        }
        #expect(!governor.tick(at: 370).isFrozen)
    }

    /// Thaws at 75 from an eta of 0.05.
    private func thawed(peers: [Double]) -> (Governor, Wisdom) {
        var governor = Governor.usual { $0.dynamics = .critical }
        _ = governor.tick(at: 0, peers: peers)
        governor.constants.dynamics = Dynamics()
        // A constant eta for a minute, so that consistency is 1.
        for second in [15.0, 30, 45, 60] { _ = governor.tick(at: second, peers: peers) }
        let wisdom = governor.tick(at: 75, peers: peers)
        return (governor, wisdom)
    }

    @Test func `eta grows by a tenth per tick until it reaches the request of the regime`() {
        var (governor, wisdom) = thawed(peers: [])
        governor.constants.bias.kappa = 0
        var etas = [wisdom.nextEta]
        for second in [90.0, 105, 120, 135, 150, 165] {
            wisdom = governor.tick(at: second)
            #expect(!wisdom.isFrozen)
            etas.append(wisdom.nextEta)
        }
        let ramp = [0.055, 0.0605, 0.06655, 0.073205, 0.08, 0.08, 0.08]
        #expect(zip(etas, ramp).allSatisfy(agree), "\(etas)")
    }

    /// With the bias on top, 0.05 x 1.1 - 0.006 would keep eta at its minimum for good.
    @Test func `a negative bias does not stop the thaw`() {
        var (governor, wisdom) = thawed(peers: [0.3, 0.3])
        var last = wisdom.nextEta
        #expect(agree(last, 0.055))
        for index in 0..<60 {
            wisdom = governor.tick(at: 90 + Double(index) * 15, peers: [0.3, 0.3])
            #expect(wisdom.nextEta <= 1.1 * last + 1e-12)
            last = wisdom.nextEta
        }
        #expect(agree(last, 0.074))
    }

    @Test func `after the thaw eta may jump again`() {
        var (governor, wisdom) = thawed(peers: [])
        for index in 0..<10 { wisdom = governor.tick(at: 90 + Double(index) * 15) }
        #expect(wisdom.regime == .safe)
        governor.constants.thresholds.optimalGStar = 0.2
        wisdom = governor.tick(at: 240)
        #expect(wisdom.regime == .optimal)
        #expect(wisdom.nextEta > 0.11)
    }

    @Test func `it can freeze again while thawing`() {
        var (governor, wisdom) = thawed(peers: [])
        wisdom = governor.tick(at: 90)
        let eta = wisdom.nextEta
        governor.constants.dynamics = .nearlyOscillating
        wisdom = governor.tick(at: 105)
        #expect(wisdom.isFrozen)
        #expect(wisdom.nextEta == eta)
    }

    @Test func `the TRI cap and gamma still apply while frozen`() {
        var governor = Governor.usual {
            $0.dynamics = .nearlyOscillating
            $0.gammaTarget = 0.9
        }
        _ = governor.tick(at: 0)
        let capped = governor.tick(at: 15, triCoherence: 0)
        #expect(capped.isFrozen)
        #expect(capped.nextEta == 0.08)
        #expect(agree(capped.gamma, Governor.gamma(from: 0.7, to: 0.9, eta: 0.1, seconds: 15)))
    }

    @Test func `exploring after a critical freeze starts at the minimum of eta`() {
        var governor = Governor.usual {
            $0.dynamics = .critical
            $0.eta.least = 0.11
            $0.eta.initial = 0.15
        }
        _ = governor.tick(at: 0, peers: [0.3, 0.3])
        governor.constants.dynamics = Dynamics()
        _ = governor.tick(at: 15, peers: [0.3, 0.3])
        let thawed = governor.tick(at: 75, peers: [0.3, 0.3])
        #expect(thawed.regime == .exploring)
        // 1.1 x 0.11 and the bias, not 1.1 x 0.15 as the thaw would allow.
        #expect(agree(thawed.nextEta, 0.121 - 0.006))
    }
}
