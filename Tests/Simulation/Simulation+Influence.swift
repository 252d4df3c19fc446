import Federation

extension Simulation {
    /// The published influences, compared with N of the other peers.
    mutating func checkInfluence(_ report: Report, of node: Int) throws(Violation) {
        let shown = Influence.ranked(report.countedPeers, novelty: report.novelty)
        try expectInfluence(
            shown.count == report.liveCount
                && zip(shown, shown.dropFirst())
                    .allSatisfy { $0.influence.magnitude >= $1.influence.magnitude },
            of: node,
            "\(shown.map(\.influence)) of \(report.liveCount) peers"
        )
        let gStars = shown.map(\.peer.gStar)
        for (place, influence) in shown.enumerated() {
            let without =
                scenario.fault == .influence
                ? Self.novelty(of: gStars, without: place, mean: Self.mean(gStars, without: nil))
                : influence.noveltyWithout
            let expected = Self.novelty(
                of: gStars,
                without: place,
                mean: Self.mean(gStars, without: place)
            )
            try expectInfluence(
                abs(without - expected) <= 1e-12
                    && abs(influence.influence - (report.novelty - influence.noveltyWithout))
                        <= 1e-12,
                of: node,
                "without \(influence.peer.label) it is \(without) instead of \(expected)"
            )
        }
    }

    private mutating func expectInfluence(
        _ holds: Bool,
        of node: Int,
        _ detail: @autoclosure () -> String
    ) throws(Violation) {
        try checks.expect(.influence, holds, nodes[node].nodeID, now, detail())
    }

    private static func mean(_ gStars: [Double], without place: Int?) -> Double {
        var sum = 0.0
        for (index, gStar) in gStars.enumerated() where index != place { sum += gStar }
        return sum / Double(gStars.count - (place == nil ? 0 : 1))
    }

    /// N of the values without one of them.
    private static func novelty(of gStars: [Double], without place: Int, mean: Double) -> Double {
        guard gStars.count > 2 else { return 0 }
        var squares = 0.0
        for (index, gStar) in gStars.enumerated() where index != place {
            squares += (gStar - mean) * (gStar - mean)
        }
        return min(1, (squares / Double(gStars.count - 1)).squareRoot() / 0.5)
    }
}
