/// Finds nodes whose clock differs from that of most nodes: `clock`.
struct ClockComparison: Sendable {
    /// The median of the nodes' clocks, in seconds ahead of this machine's; nil without a clock.
    ///
    /// For an even number of nodes, this machine's clock is included. So with two nodes it decides
    /// which of them is wrong.
    let reference: Double?
    let verdicts: [Verdict]

    init(_ nodes: [SurveyedNode], _ names: [String]) {
        let clocks = nodes.map { $0.view?.clock }
        var readings = clocks.compactMap(\.self)
        let count = readings.count
        if count > 1, count.isMultiple(of: 2) {
            readings.append(ClockReading(ahead: 0, uncertainty: 0))
        }
        readings.sort { $0.ahead < $1.ahead }
        // With a single node, only this machine's clock is left to compare with.
        if count == 1 { readings = [ClockReading(ahead: 0, uncertainty: 0)] }
        let middle = readings.isEmpty ? nil : readings[readings.count / 2]
        reference = middle?.ahead
        guard let middle else {
            verdicts = []
            return
        }
        let wrong = zip(clocks, names)
            .compactMap { clock, name -> (name: String, ahead: Double)? in
                guard let clock else { return nil }
                let ahead = clock.ahead - middle.ahead
                let tolerated =
                    Survey.toleratedClockDifference + clock.uncertainty + middle.uncertainty
                return abs(ahead) > tolerated ? (name, ahead) : nil
            }
        verdicts = wrong.map { name, ahead in
            Verdict(
                .clock,
                name,
                observers: count - wrong.count,
                of: count,
                text: """
                    the clock of \(name) is \(ahead > 0 ? "ahead" : "behind") by \
                    \((abs(ahead) * 10).rounded() / 10) s
                    """
            )
        }
    }
}
