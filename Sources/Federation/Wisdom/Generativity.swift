/// Generativity (G*): whether a node gets on, differs from others and holds its course.
package struct Generativity: Hashable, Sendable {
    /// alpha, beta and gamma of G*, each 0...1; they need not add up to 1.
    package struct Weights: Hashable, Sendable {
        /// alpha.
        package var progress: Double
        /// beta.
        package var novelty: Double
        /// gamma, the weight; not the wisdom level of the same letter.
        package var consistency: Double

        package init(progress: Double = 0.4, novelty: Double = 0.3, consistency: Double = 0.3) {
            self.progress = progress
            self.novelty = novelty
            self.consistency = consistency
        }
    }

    /// The fewest live peers with which novelty can move.
    package static let fewestPeers = 2
    /// The most of G* with fewer.
    package static let singleNodeCap = 0.30

    package let components: Components
    /// G* after the cap of a single node.
    package let gStar: Double

    /// Works out the generativity of a node at its latest tick.
    ///
    /// - Parameters:
    ///   - recent: its ticks up to this one.
    ///   - peerGStars: the G* of its live peers.
    ///   - weights: of the three components.
    package init(recent: RecentTicks, peerGStars: [Double], weights: Weights) {
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

    /// G* = clip(alpha P + beta N + gamma Cc, 0, 1), before any cap.
    ///
    /// With the usual weights: 0.3 for a steady node whose peers are alike, 0.6 if they differ
    /// fully (N = 1), 1 if it makes full progress besides.
    package static func gStar(of components: Components, weights: Weights) -> Double {
        (weights.progress * components.progress + weights.novelty * components.novelty
            + weights.consistency * components.consistency)
            .clampedToUnit
    }

    /// P = clip((m1 - m5) / max(m5, 1e-9), 0, 1), m1 and m5 the means of gamma over one minute and
    /// over five.
    ///
    /// 0 while gamma rests or falls, 0.1 if it has risen by a tenth, 1 once it has doubled.
    package static func progress(meanOfMinute: Double, meanOfFiveMinutes: Double) -> Double {
        ((meanOfMinute - meanOfFiveMinutes) / max(meanOfFiveMinutes, 1e-9)).clampedToUnit
    }

    /// Cc = 1 - clip(sigma / max(mean, 1e-9), 0, 1), sigma the population standard deviation of the
    /// etas of one minute.
    ///
    /// 1 for an eta that does not move, and with none; 0.89 for 0.10 and 0.08; 0 for 0 and 0.2.
    package static func consistency(of etas: [Double]) -> Double {
        let mean = mean(etas)
        let squares = etas.map { ($0 - mean) * ($0 - mean) }
        return 1 - (Self.mean(squares).squareRoot() / max(mean, 1e-9)).clampedToUnit
    }

    /// The mean, exactly the value itself for equal ones; 0 of none.
    private static func mean(_ values: [Double]) -> Double {
        guard let origin = values.first else { return 0 }
        return origin + values.reduce(0) { $0 + ($1 - origin) } / Double(values.count)
    }
}
