package import Timing

import func Glibc.exp

/// Moves eta by stability and generativity, and gamma by eta: observed and shown, no more.
///
///     steering ──S < critical: eta to its least; or H < threshold: eta kept──▶ frozen
///     frozen ──H and the block's S in order for a minute──▶ thawing
///     thawing ──the eta that is asked for is within 1.1 x the last──▶ steering
///     thawing ──as from steering──▶ frozen
///
/// The thaw looks at the S of the 2x2 block: S itself is held down by the very eta that a freeze
/// keeps. While thawing, eta grows by a tenth a tick at most, its bias included: a negative bias on
/// top would eat up the growth and hold eta at its least for good.
package struct Governor: Sendable {
    private enum FreezeState: Hashable {
        case steering
        /// Since when all was in order without a break; nil if it is not.
        case frozen(calmSince: Instant?)
        case thawing
    }

    /// How long all must be in order before a frozen governor thaws.
    package static let thawAfter: Duration = .seconds(60)
    /// The H of a thaw, unless the threshold of the freeze is higher.
    ///
    /// A stable mode that oscillates has the H of its S, and then the margin below asks for more.
    package static let thawHopfDistance = 0.03
    /// The S of the 2x2 block of a thaw.
    package static let thawMargin = 0.05
    /// The gamma of a node that starts.
    package static let initialGamma = 0.7

    package var constants: GovernorConstants
    /// Its mode, peers and hysteresis may be set between two ticks.
    package var context: Context
    private var gamma = Governor.initialGamma
    private var eta: Double
    /// What the regime last asked for, before bias and caps.
    private var asked: Double
    private var state = FreezeState.steering
    private var recent = RecentTicks()
    private var lastTick: Instant?

    package init(constants: GovernorConstants, context: Context) {
        self.constants = constants
        self.context = context
        eta = constants.eta.initial
        asked = eta
    }

    /// One tick: gamma follows up to now, all numbers are fixed, and the next eta is chosen.
    ///
    /// - Parameters:
    ///   - moment: no earlier than the last tick's; an earlier one is taken for that.
    ///   - peerGStars: the G* of the live peers, one a node, each 0...1.
    ///   - triCoherence: 0...1, if the source of our numbers tells it.
    /// - Returns: all that is fixed until the next tick.
    package mutating func tick(
        at moment: Instant,
        peerGStars: [Double],
        triCoherence: Double?
    ) -> Wisdom {
        let now = follow(to: moment)
        recent.append(RecentTicks.Tick(at: now, gamma: gamma, eta: eta))
        context.observe(livePeers: peerGStars.count, at: now)

        let entered = eta
        let stability = Stability(of: constants.dynamics, eta: entered)
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
            eta: entered,
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

    /// Lets gamma follow up to a moment, by the eta in force since the last tick.
    private mutating func follow(to moment: Instant) -> Instant {
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

    /// gamma' = Q + (gamma - Q) exp(-eta dt): the exact solution of d gamma / dt = eta (Q - gamma).
    ///
    /// Nothing changes with dt = 0; half of the way to Q is left after 0.69 / eta seconds, 8.7 at
    /// eta 0.08; at any dt gamma is on its way to Q and never beyond it. Two steps of 15 s come to
    /// the same as one of 30 s, so a missed tick changes nothing.
    package static func gamma(
        from gamma: Double,
        to target: Double,
        eta: Double,
        seconds: Double
    ) -> Double {
        target + (gamma - target) * exp(-eta * seconds)
    }

    /// Freezes, thaws, or moves eta to what regime and bias ask for.
    private mutating func steer(
        _ regime: Regime,
        bias: Double,
        _ stability: Stability,
        at now: Instant
    ) {
        if case .frozen(let calmSince) = state {
            state = wait(since: calmSince, stability, at: now)
            if isFrozen { return }
        }
        let bounds = constants.eta
        if regime == .critical {
            asked = regime.eta(after: asked, within: bounds)
            eta = asked
            state = wait(since: nil, stability, at: now)
        } else if stability.hopfDistance < constants.hopfThreshold {
            state = wait(since: nil, stability, at: now)
        } else {
            asked = regime.eta(after: asked, within: bounds)
            let isBiased = constants.bias.isOpen(at: stability)
            let wanted = bounds.clamp(isBiased ? asked + bias : asked)
            let most = state == .thawing ? eta * Regime.growth : wanted
            if wanted <= most { state = .steering }
            eta = min(wanted, most)
        }
    }

    /// The state of a governor that is frozen at this moment: still frozen, or thawing.
    private func wait(since: Instant?, _ stability: Stability, at now: Instant) -> FreezeState {
        let leastHopf = max(Self.thawHopfDistance, constants.hopfThreshold)
        guard stability.hopfDistance >= leastHopf, stability.blockMargin >= Self.thawMargin
        else { return .frozen(calmSince: nil) }
        let since = since ?? now
        return now - since >= Self.thawAfter ? .thawing : .frozen(calmSince: since)
    }
}
