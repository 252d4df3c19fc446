package import Timing

import func Glibc.exp

/// Computes eta from stability and generativity, and gamma from eta; the results are only shown.
///
///     steering ──S < critical: minimum of eta; or H < threshold: eta kept──▶ frozen
///     frozen ──H and the block's S sufficient for a minute──▶ thawing
///     thawing ──requested eta within 1.1 x the last──▶ steering
///     thawing ──as from steering──▶ frozen
///
/// The thaw uses the S of the 2x2 block, because S itself is limited by the eta that a freeze
/// keeps. While thawing, eta grows by at most a tenth per tick, bias included: a negative bias on
/// top could cancel the growth and keep eta at its minimum.
package struct Governor: Sendable {
    enum FreezeState: Hashable {
        case steering
        /// Since when all conditions of the thaw have held; nil if one does not hold.
        case frozen(calmSince: Instant?)
        case thawing
    }

    /// How long the conditions must hold before a frozen governor thaws.
    private static let thawAfter: Duration = .seconds(60)
    /// The least H of a thaw, unless the freeze threshold is higher.
    ///
    /// A stable oscillating mode has an H equal to its S, so the margin below is stricter there.
    private static let thawHopfDistance = 0.03
    /// The least S of the 2x2 block for a thaw.
    private static let thawMargin = 0.05

    package var constants: GovernorConstants
    /// Mode, minimum of peers and hysteresis may be changed between ticks.
    package var context: Context
    var gamma = 0.7
    var eta: Double
    /// The eta that the regime requested last, before bias and caps.
    var requestedEta: Double
    var state = FreezeState.steering
    var recent = RecentTicks()
    var lastTick: Instant?

    package init(constants: GovernorConstants, context: Context) {
        self.constants = constants
        self.context = context
        eta = constants.eta.initial
        requestedEta = eta
    }

    /// Performs one tick: advances gamma to now, fixes all numbers, and chooses the next eta.
    ///
    /// The result is valid until the next tick. A moment before the last tick counts as that of the
    /// last tick. `peerGStars` are the G* of the live peers, one per node, each 0...1;
    /// `triCoherence` is 0...1, nil if the source of this node's numbers has none.
    package mutating func tick(
        at moment: Instant,
        peerGStars: [Double],
        triCoherence: Double?
    ) -> Wisdom {
        let now = advanceGamma(to: moment)
        recent.append(RecentTicks.Tick(at: now, gamma: gamma, eta: eta))
        context.observe(livePeers: peerGStars.count, at: now)

        let currentEta = eta
        let stability = Stability(of: constants.dynamics, eta: currentEta)
        let generativity = Generativity(
            recent: recent,
            peerGStars: peerGStars,
            weights: constants.weights
        )
        let bias = constants.bias.value(gStar: generativity.gStar, g0: context.state.g0)
        let regime = Regime(
            margin: stability.margin,
            gStar: generativity.gStar,
            thresholds: constants.thresholds
        )
        steer(regime, bias: bias, stability, at: now)
        let cap = constants.triEtaCap.value(coherence: triCoherence)
        eta = min(eta, cap ?? eta)
        return Wisdom(
            gamma: gamma,
            eta: currentEta,
            nextEta: eta,
            isFrozen: isFrozen,
            regime: regime,
            stability: stability,
            generativity: generativity,
            context: context.state,
            bias: bias,
            triEtaCap: cap,
            slotSeven: SlotSevenCap(
                margin: stability.margin,
                isFrozen: isFrozen,
                limits: constants.slotSeven
            )
        )
    }

    private var isFrozen: Bool {
        if case .frozen = state { true } else { false }
    }

    /// Advances gamma to a moment, with the eta in force since the last tick.
    private mutating func advanceGamma(to moment: Instant) -> Instant {
        let last = lastTick ?? moment
        let now = max(moment, last)
        gamma = Self.gamma(
            from: gamma,
            to: constants.gammaTarget,
            eta: eta,
            seconds: now.seconds(since: last)
        )
        lastTick = now
        return now
    }

    /// gamma' = Q + (gamma - Q) exp(-eta dt), the exact solution of d gamma / dt = eta (Q - gamma).
    ///
    /// dt = 0 changes nothing. The distance to Q halves in 0.69 / eta seconds, 8.7 at eta 0.08.
    /// Gamma never passes Q, for any dt. Two steps of 15 s equal one of 30 s, so a missed tick
    /// changes nothing.
    package static func gamma(
        from gamma: Double,
        to target: Double,
        eta: Double,
        seconds: Double
    ) -> Double {
        target + (gamma - target) * exp(-eta * seconds)
    }

    /// Freezes, thaws, or moves eta to what regime and bias request.
    private mutating func steer(
        _ regime: Regime,
        bias: Double,
        _ stability: Stability,
        at now: Instant
    ) {
        if case .frozen(let calmSince) = state {
            state = frozenState(calmSince: calmSince, stability, at: now)
            if isFrozen { return }
        }
        let bounds = constants.eta
        if regime == .critical {
            requestedEta = regime.eta(after: requestedEta, within: bounds)
            eta = requestedEta
            state = frozenState(calmSince: nil, stability, at: now)
        } else if stability.hopfDistance < constants.hopfThreshold {
            state = frozenState(calmSince: nil, stability, at: now)
        } else {
            requestedEta = regime.eta(after: requestedEta, within: bounds)
            let isBiased = constants.bias.isAllowed(at: stability)
            let wanted = bounds.clamp(isBiased ? requestedEta + bias : requestedEta)
            let most = state == .thawing ? eta * Regime.growth : wanted
            if wanted <= most { state = .steering }
            eta = min(wanted, most)
        }
    }

    /// The state of a governor that is frozen at this moment: still frozen, or thawing.
    private func frozenState(
        calmSince: Instant?,
        _ stability: Stability,
        at now: Instant
    ) -> FreezeState {
        let leastHopf = max(Self.thawHopfDistance, constants.hopfThreshold)
        guard stability.hopfDistance >= leastHopf, stability.blockMargin >= Self.thawMargin
        else { return .frozen(calmSince: nil) }
        let since = calmSince ?? now
        return now - since >= Self.thawAfter ? .thawing : .frozen(calmSince: since)
    }
}
