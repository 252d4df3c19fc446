internal import Federation
internal import Timing

/// What one node reports of another that it has pulled: up or down.
struct Vote: Sendable {
    /// The indices of both nodes in the roster.
    var observer: Int
    var node: Int
    var isUp: Bool
    /// Of the last failed pull, if the node is down.
    var reason: String?
    /// When the state began, in Unix seconds by the clock of this machine.
    var since: Double?

    /// Whether the failure can be that of the observer's own network.
    var canBeOwnFault: Bool {
        reason.flatMap(FailureReason.init(rawValue:))?.mayBeOurNetwork == true
    }

    /// All votes about the nodes of a survey.
    ///
    /// A node is no observer of itself. A failed pull from before the node's start is no vote: the
    /// observer has not pulled the node since.
    static func all(_ nodes: [SurveyedNode], _ roster: Roster) -> [Vote] {
        nodes.indices.flatMap { observer in
            (nodes[observer].view?.sightings ?? [])
                .compactMap { seen -> Vote? in
                    guard let isUp = seen.isUp, let node = roster.index(of: seen),
                        node != observer, node < nodes.count
                    else { return nil }
                    let uptime = nodes[node].view?.uptime ?? .infinity
                    if !isUp, let age = seen.failureAge, age > uptime { return nil }
                    return Vote(
                        observer: observer,
                        node: node,
                        isUp: isUp,
                        reason: isUp ? nil : seen.reason,
                        since: seen.since
                    )
                }
        }
    }
}

extension [Vote] {
    var downs: [Vote] { filter { !$0.isUp } }

    /// The reasons of the failures, most frequent first, and since when: `timed_out since 03:12
    /// UTC`.
    func failure(at moment: Double) -> String {
        var counts: [String: Int] = [:]
        for vote in self { counts[vote.reason ?? "unknown reason", default: 0] += 1 }
        let reasons = counts.sorted { ($1.value, $0.key) < ($0.value, $1.key) }.map(\.key)
        let since = since.flatMap(UTCTime.init(unix:))
            .map { " since \($0.text(at: UTCTime(unix: moment)))" }
        return reasons.joinedWithAnd + (since ?? "")
    }

    /// When the failures began; one observer can have failed long before the others.
    var since: Double? { compactMap(\.since).lowerMedian }
}
