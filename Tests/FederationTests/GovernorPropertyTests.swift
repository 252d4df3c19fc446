import Federation
import TestSupport
import Testing

/// Properties of every governor, tested with random constants and ticks from seeds.
@Suite struct GovernorPropertyTests {
    /// Constants within the bounds of the settings.
    private func constants(_ random: inout SeededGenerator) -> GovernorConstants {
        func number(_ range: ClosedRange<Double>) -> Double {
            Double.random(in: range, using: &random)
        }
        var constants = GovernorConstants()
        constants.weights = .init(
            progress: number(0...1),
            novelty: number(0...1),
            consistency: number(0...1)
        )
        constants.bias.kappa = number(0...1)
        constants.gammaTarget = number(0...1)
        if Bool.random(using: &random) {
            constants.dynamics = Dynamics(
                number(-1...1),
                number(-1...1),
                number(-1...1),
                number(-1...1)
            )
        }
        let etas = [number(0.02...1), number(0.02...1), number(0.02...1)].sorted()
        (constants.eta.least, constants.eta.initial, constants.eta.most) =
            (etas[0], etas[1], etas[2])
        constants.hopfThreshold = number(0...0.2)
        constants.triEtaCap.lowCap = number(0.02...0.5)
        constants.triEtaCap.highCap = number(0.5...1)
        constants.slotSeven.baseline = Int.random(in: 1...40, using: &random)
        constants.slotSeven.frozen = Int.random(in: 1...40, using: &random)
        return constants
    }

    /// A random governor, and a hundred random ticks; some change the constants.
    @Test(arguments: UInt64(100)..<160)
    func `every number stays in its range`(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        var governor = Governor(
            constants: constants(&random),
            context: Context(mode: .auto, minPeers: 2, hysteresis: .seconds(120))
        )
        var second = 0.0
        var last: Wisdom?
        for tick in 0..<100 {
            second += Double.random(in: 0...(tick % 10 == 0 ? 400 : 30), using: &random)
            if tick % 25 == 24 { governor.constants = constants(&random) }
            let count = Int.random(in: 0...4, using: &random)
            let peers = (0..<count).map { _ in Double.random(in: 0...1, using: &random) }
            let coherence =
                Bool.random(using: &random) ? Double.random(in: 0...1, using: &random) : nil
            let wisdom = governor.tick(at: second, peers: peers, triCoherence: coherence)
            expectRanges(wisdom, peers, governor.constants, "seed \(seed), tick \(tick)")
            expectNoOvershoot(last, wisdom, governor.constants, "seed \(seed), tick \(tick)")
            last = wisdom
        }
    }

    private func expectRanges(
        _ wisdom: Wisdom,
        _ peers: [Double],
        _ constants: GovernorConstants,
        _ place: Comment
    ) {
        let parts = wisdom.generativity.components
        for number in [
            wisdom.gamma, wisdom.eta, wisdom.nextEta, parts.progress, parts.novelty,
            parts.consistency, wisdom.generativity.gStar,
        ] {
            #expect((0...1).contains(number), place)
        }
        #expect(abs(wisdom.bias) <= constants.bias.kappa, place)
        #expect(wisdom.stability.margin.isFinite && wisdom.stability.margin <= wisdom.eta, place)
        #expect(wisdom.stability.spectralRadius.isFinite, place)
        #expect(wisdom.stability.spectralRadius >= wisdom.eta, place)
        #expect(wisdom.stability.hopfDistance >= 0, place)
        #expect(wisdom.nextEta <= wisdom.triEtaCap ?? 1, place)
        #expect(wisdom.slotSeven.jobs >= 1, place)
        if wisdom.isFrozen { #expect(wisdom.slotSeven.reason == .frozen, place) }
        if peers.count < 2 {
            #expect(parts.novelty == 0, place)
            #expect(wisdom.generativity.gStar <= 0.30, place)
        }
        if wisdom.regime == .critical {
            #expect(wisdom.isFrozen, place)
        }
    }

    /// Gamma stays on its side of Q and never moves away from it.
    private func expectNoOvershoot(
        _ last: Wisdom?,
        _ wisdom: Wisdom,
        _ constants: GovernorConstants,
        _ place: Comment
    ) {
        guard let last else { return }
        let before = last.gamma - constants.gammaTarget
        let after = wisdom.gamma - constants.gammaTarget
        #expect(before * after >= 0, place)
        #expect(abs(after) <= abs(before) + 1e-15, place)
    }

    @Test func `two steps of gamma equal one of their total length`() {
        var random = SeededGenerator(seed: 43)
        for round in 0..<1_000 {
            func unit() -> Double { Double.random(in: 0...1, using: &random) }
            let (gamma, target, eta) = (unit(), unit(), unit())
            let (first, second) = (unit() * 60, unit() * 60)
            let one = Governor.gamma(from: gamma, to: target, eta: eta, seconds: first + second)
            let half = Governor.gamma(from: gamma, to: target, eta: eta, seconds: first)
            let two = Governor.gamma(from: half, to: target, eta: eta, seconds: second)
            #expect(agree(one, two), "round \(round)")
            #expect(abs(one - target) <= abs(gamma - target), "round \(round)")
        }
        #expect(agree(Governor.gamma(from: 1, to: 0, eta: 0.1, seconds: 10), 0.367_879_441_171_442))
        #expect(Governor.gamma(from: 0.1, to: 0.8, eta: 0.1, seconds: 1e9) == 0.8)
        #expect(agree(Governor.gamma(from: 0.1, to: 0.8, eta: 0.1, seconds: 0), 0.1))
    }

    /// Without bias eta stays at 0.08 after the first tick, so only time can make a difference.
    @Test func `a missed tick does not change gamma afterwards`() {
        var steady = Governor.usual {
            $0.gammaTarget = 0.9
            $0.bias.kappa = 0
        }
        var missing = steady
        for tick in 0..<40 {
            let wisdom = steady.tick(at: Double(tick) * 15)
            guard tick < 2 || tick % 2 == 0 else { continue }
            #expect(agree(missing.tick(at: Double(tick) * 15).gamma, wisdom.gamma), "tick \(tick)")
        }
    }

    @Test func `a tick at the same or an earlier moment does not advance gamma`() {
        var governor = Governor.usual { $0.gammaTarget = 0.9 }
        _ = governor.tick(at: 100)
        let wisdom = governor.tick(at: 115)
        #expect(agree(governor.tick(at: 115).gamma, wisdom.gamma))
        #expect(agree(governor.tick(at: 10).gamma, wisdom.gamma))
        let next = governor.tick(at: 130)
        #expect(next.gamma > wisdom.gamma)
        #expect(next.gamma < 0.9)
    }
}
