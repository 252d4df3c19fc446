/// Generativity (G*): how much a node progresses, how diverse its peers are, and how steady it is.
package struct Generativity: Hashable, Sendable {
    /// The weights alpha, beta and gamma of G*, each 0...1; their sum need not be 1.
    package struct Weights: Hashable, Sendable {
        package var progress: Double
        package var novelty: Double
        /// The weight gamma, not the wisdom level gamma.
        package var consistency: Double

        package init(progress: Double = 0.4, novelty: Double = 0.3, consistency: Double = 0.3) {
            self.progress = progress
            self.novelty = novelty
            self.consistency = consistency
        }
    }

    /// The fewest live peers with which novelty can be above 0.
    package static let fewestPeers = 2
    /// The largest G* with fewer peers.
    package static let singleNodeCap = 0.30

    package let components: Components
    /// G* after the cap of a single node.
    package let gStar: Double

    /// Computes the generativity of a node at the latest of its `recent` ticks.
    init(recent: RecentTicks, peerGStars: [Double], weights: Weights) {
        components = Components(
            progress: Self.progress(
                meanOfMinute: Self.mean(recent.lastMinute.map(\.gamma)),
                meanOfFiveMinutes: Self.mean(recent.all.map(\.gamma))
            ),
            novelty: Novelty.of(peerGStars),
            consistency: Self.consistency(of: recent.lastMinute.map(\.eta))
        )
        let gStar = Self.gStar(of: components, weights: weights)
        self.gStar =
            peerGStars.count < Self.fewestPeers ? min(gStar, Self.singleNodeCap) : gStar
    }

    /// G* = clip(alpha P + beta N + gamma Cc, 0, 1), before the cap.
    ///
    /// With the default weights: 0.3 for a steady node with similar peers; 0.6 if they are fully
    /// diverse (N = 1); 1 with full progress as well.
    package static func gStar(of components: Components, weights: Weights) -> Double {
        (weights.progress * components.progress + weights.novelty * components.novelty
            + weights.consistency * components.consistency)
            .clampedToUnit
    }

    /// P = clip((m1 - m5) / max(m5, 1e-9), 0, 1), with m1 and m5 the means of gamma over one minute
    /// and over five.
    ///
    /// 0 while gamma is constant or falls, 0.1 if it rose by a tenth, 1 if it doubled.
    package static func progress(meanOfMinute: Double, meanOfFiveMinutes: Double) -> Double {
        ((meanOfMinute - meanOfFiveMinutes) / max(meanOfFiveMinutes, 1e-9)).clampedToUnit
    }

    /// Cc = 1 - clip(sigma / max(mean, 1e-9), 0, 1), with sigma the population standard deviation
    /// of the etas of one minute.
    ///
    /// 1 for a constant eta or none; 0.89 for 0.10 and 0.08; 0 for 0 and 0.2.
    package static func consistency(of etas: [Double]) -> Double {
        let mean = mean(etas)
        let squares = etas.map { ($0 - mean) * ($0 - mean) }
        return 1 - (Self.mean(squares).squareRoot() / max(mean, 1e-9)).clampedToUnit
    }

    /// The mean; exactly the common value if all are equal, 0 without values.
    private static func mean(_ values: [Double]) -> Double {
        guard let origin = values.first else { return 0 }
        return origin + values.reduce(0) { $0 + ($1 - origin) } / Double(values.count)
    }
}
