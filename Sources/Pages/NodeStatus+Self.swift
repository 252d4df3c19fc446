package import Federation
internal import JSON

extension SelfVerdict.Cause {
    /// A sentence that this node is suspect and why, without a full stop.
    package var reason: String {
        "this node is suspect: \(words); such failures do not count against peers"
    }

    /// The cause in words.
    var words: String {
        switch self {
        case .allPeersFailing:
            "no peer responds, and it cannot know whether its own network or all of them failed"
        case .late: "its pulls timed out because it was late itself"
        }
    }
}

/// What this node knows about itself.
extension NodeStatus {
    private static let unheard = "unheard"

    /// The member `self` of the health page.
    var own: JSONOutput {
        let suspicions = report.suspicions
        var causes = SelfVerdict.Cause.allCases.filter { suspicions[$0] != nil }.map(\.rawValue)
        // Not a cause by itself, because the peers may have stopped for their own reasons.
        if !causes.isEmpty, heard.isUnheard { causes.append(Self.unheard) }
        return [
            "suspect": .bool(!suspicions.isEmpty),
            "causes": .list(causes.map(JSONOutput.string)),
            "since": .number(suspicions.values.max().map { wall - $0 }),
            "heard": [
                "by": .integer(heard.by),
                "last": .number(heard.secondsAgo.map { wall - $0 }),
            ],
        ]
    }

    /// Why this node cannot judge its peers, and whether they reach it.
    var ownReasons: [String] {
        var reasons = SelfVerdict.Cause.allCases
            .filter { report.suspicions[$0] != nil }
            .map(\.reason)
        if heard.isUnheard, report.liveCount > 0 {
            reasons.append(
                "no peer has pulled this node for three intervals, although one did regularly "
                    + "before: check what reaches its port"
            )
        }
        return reasons
    }
}
