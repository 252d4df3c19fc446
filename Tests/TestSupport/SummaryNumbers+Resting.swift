package import Federation

extension SummaryNumbers {
    /// A node at rest: gamma is at its target, eta is constant, and there are no peers.
    package static let resting = SummaryNumbers(
        peerQuality: 0.7,
        stabilityMargin: 0.08,
        hopfDistance: 0.175,
        spectralRadius: 0.245,
        gamma: 0.7,
        components: Components(progress: 0, novelty: 0, consistency: 1),
        gStar: 0.3
    )
}
