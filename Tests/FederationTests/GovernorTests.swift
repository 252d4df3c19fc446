import Federation
import Testing

/// The governor compared with traces of Nova, tick by tick every 15 s.
@Suite struct GovernorTests {
    /// Nova's values: eta after the tick, G* and Cc.
    struct Trace: Sendable {
        var name: String
        var peers: [Double]
        var ticks: [(eta: Double, gStar: Double, consistency: Double)]
    }

    static let traces = [
        Trace(
            name: "solo",
            peers: [],
            ticks: [
                (0.080000, 0.300000, 1), (0.079333, 0.266667, 0.888889),
                (0.079334, 0.266722, 0.889072), (0.079372, 0.268618, 0.895393),
                (0.079979, 0.298931, 0.996437),
            ]
        ),
        Trace(
            name: "one peer",
            peers: [0.8],
            ticks: [
                (0.074000, 0.300000, 1), (0.073103, 0.255172, 0.850575),
                (0.073091, 0.254570, 0.848567), (0.073136, 0.256808, 0.856028),
                (0.073968, 0.298423, 0.994742),
            ]
        ),
        Trace(
            name: "three peers",
            peers: [0.3, 0.5, 0.7],
            ticks: [
                (0.075960, 0.397980, 1), (0.075140, 0.356992, 0.863375),
                (0.075133, 0.356650, 0.862236), (0.075176, 0.358795, 0.869385),
                (0.075932, 0.396582, 0.995340),
            ]
        ),
        Trace(
            name: "two peers as far apart as can be",
            peers: [0, 1],
            ticks: [
                (0.080000, 0.600000, 1), (0.079333, 0.566667, 0.888889),
                (0.079334, 0.566722, 0.889072), (0.079372, 0.568618, 0.895393),
            ]
        ),
    ]

    /// All ticks of all traces, with gamma at Q, so that the exact step of gamma makes no
    /// difference.
    ///
    /// G* never exceeds the cap of a single node. One peer is enough for a federation here, as in
    /// Nova.
    @Test(arguments: traces)
    func `the traces of a constant gamma agree with Nova`(trace: Trace) {
        var governor = Governor.usual(minPeers: 1)
        var entering = 0.10
        for (index, expected) in trace.ticks.enumerated() {
            let wisdom = governor.tick(at: Double(index) * 15, peers: trace.peers)
            let place = Comment(rawValue: "\(trace.name), tick \(index + 1)")
            #expect(agreeInSixDecimals(wisdom.nextEta, expected.eta), place)
            #expect(agreeInSixDecimals(wisdom.generativity.gStar, expected.gStar), place)
            let components = wisdom.generativity.components
            #expect(agreeInSixDecimals(components.consistency, expected.consistency), place)
            #expect(components.progress == 0, place)
            #expect(wisdom.eta == entering, place)
            #expect(wisdom.stability.margin == entering, place)
            #expect(wisdom.gamma == 0.7, place)
            #expect(!wisdom.isFrozen && wisdom.regime == .safe, place)
            entering = wisdom.nextEta
        }
    }

    /// The last tick differs from Nova's G* of 0.318166 for two reasons.
    ///
    /// Gamma approaches Q exactly and does not overshoot to 0.94, so progress is 0.0425 instead of
    /// 0.048. And with fewer than two live peers G* is at most 0.30.
    @Test func `a rising gamma makes progress after four ticks, limited by the cap`() {
        let expected = [0.300000, 0.266667, 0.266722, 0.268618, 0.30]
        var solo = Governor.usual { $0.gammaTarget = 0.9 }
        for (wisdom, gStar) in zip(solo.ticks(5), expected) {
            #expect(agreeInSixDecimals(wisdom.generativity.gStar, gStar))
        }
        // Two similar peers add no novelty but lift the cap; they are too few for G0 0.6.
        var capless = Governor.usual(minPeers: 3) { $0.gammaTarget = 0.9 }
        let ticks = capless.ticks(5, peers: [0.3, 0.3])
        let gammas = ticks.map(\.gamma)
        let (minute, five) = (gammas[1...].reduce(0, +) / 4, gammas.reduce(0, +) / 5)
        let progress = (minute - five) / five
        #expect(agree(ticks[4].generativity.components.progress, progress))
        #expect((0.042...0.043).contains(progress))
        #expect(agreeInSixDecimals(ticks[4].generativity.gStar, 0.4 * progress + 0.298931))
    }

    @Test func `gamma approaches its target with the eta in force`() {
        var governor = Governor.usual { $0.gammaTarget = 0.9 }
        let ticks = governor.ticks(30)
        #expect(ticks[0].gamma == 0.7)
        for (before, after) in zip(ticks, ticks.dropFirst()) {
            let expected = Governor.gamma(
                from: before.gamma,
                to: 0.9,
                eta: before.nextEta,
                seconds: 15
            )
            #expect(agree(after.gamma, expected))
            #expect(after.eta == before.nextEta)
        }
        #expect(agree(ticks[1].gamma, 0.839_761_157_617_559_6))
        #expect(agree(ticks[29].gamma, 0.9))
    }

    @Test func `eta settles at 0.080 alone and at 0.074 among similar peers`() {
        var solo = Governor.usual()
        var federated = Governor.usual()
        let alone = solo.ticks(40).last
        let among = federated.ticks(40, peers: [0.3, 0.3]).last
        #expect(agree(alone?.nextEta ?? 0, 0.080))
        #expect(agree(among?.nextEta ?? 0, 0.074))
        #expect(agree(alone?.generativity.gStar ?? 0, 0.300))
        #expect(agree(among?.generativity.gStar ?? 0, 0.300))
        #expect(agree(among?.bias ?? 0, -0.006))
    }

    @Test func `the first eta is the configured one`() {
        var governor = Governor.usual { $0.eta.initial = 0.12 }
        let wisdom = governor.tick(at: 0)
        #expect(wisdom.eta == 0.12)
        #expect(wisdom.regime == .exploring)
        #expect(agree(wisdom.nextEta, 0.132))
    }

    @Test func `below its margins the bias is shown but does not act`() {
        for change in [
            { $0.bias.minMargin = 0.11 }, { $0.bias.minHopfDistance = 0.18 },
        ] as [(inout GovernorConstants) -> Void] {
            var governor = Governor.usual(change)
            let wisdom = governor.tick(at: 0, peers: [0.3, 0.3])
            #expect(agree(wisdom.bias, -0.006))
            #expect(agree(wisdom.nextEta, 0.08))
        }
    }

    @Test func `a coherence caps only the next eta`() {
        var governor = Governor.usual { $0.triEtaCap.lowCap = 0.06 }
        let first = governor.tick(at: 0, triCoherence: 0.2)
        #expect(first.triEtaCap == 0.06)
        #expect(first.eta == 0.10 && first.nextEta == 0.06)
        let second = governor.tick(at: 15, triCoherence: 0.9)
        #expect(second.eta == 0.06 && second.triEtaCap == 0.18)
        #expect(second.nextEta > 0.07)
        #expect(governor.tick(at: 30).triEtaCap == nil)
    }

    @Test func `the context becomes solo after the hysteresis, not before`() {
        var governor = Governor.usual()
        #expect(governor.tick(at: 0, peers: [0.3, 0.5]).context == .federated)
        let late = governor.tick(at: 119.9, peers: [0.3])
        #expect(late.context == .federated)
        #expect(agree(late.bias, 0.02 * (late.generativity.gStar - 0.6)))
        let over = governor.tick(at: 120, peers: [0.3])
        #expect(over.context == .solo)
        #expect(agree(over.bias, 0.02 * (over.generativity.gStar - 0.3)))
    }

    @Test func `a forced context changes the target but not the count of peers`() {
        var federated = Governor.usual(mode: .federated)
        #expect(agree(federated.tick(at: 0).bias, -0.006))
        var solo = Governor.usual(mode: .solo)
        let wisdom = solo.tick(at: 0, peers: [0, 1])
        #expect(wisdom.context == .solo)
        #expect(wisdom.generativity.components.novelty == 1)
        #expect(agree(wisdom.bias, 0.006))
    }

    @Test func `a summary has the numbers of the tick`() {
        var governor = Governor.usual { $0.dynamics.kp = 0 }
        let wisdom = governor.tick(at: 0, peers: [0.2, 0.7])
        let metrics = wisdom.summaryNumbers(peerQuality: 0.9)
        #expect(metrics.peerQuality == 0.9)
        #expect(metrics.stabilityMargin == wisdom.stability.margin)
        #expect(metrics.hopfDistance == .infinity)
        #expect(metrics.spectralRadius == wisdom.stability.spectralRadius)
        #expect(metrics.gamma == 0.7)
        #expect(agree(metrics.components.novelty, 0.5))
        #expect(agree(metrics.gStar, 0.45))
    }
}
