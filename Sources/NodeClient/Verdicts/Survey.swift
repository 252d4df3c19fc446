internal import Federation

/// The views of the nodes of a federation at one moment, and the verdicts about them.
///
/// A pure function of what the nodes responded. The first node is the one whose list was queried;
/// its list decides which nodes are judged.
package struct Survey: Sendable {
    /// The entries of lists that are kept; further lists are dropped, so that memory is bounded.
    package static let maximumSightings = 500_000
    /// How far the clocks of two nodes may differ, in seconds.
    package static let toleratedClockDifference = 5.0

    /// The queried nodes, the first node at 0, without further URLs of the first node.
    package let nodes: [SurveyedNode]
    /// In the order of `Verdict.Kind`, then by subject.
    package let verdicts: [Verdict]
    private let roster: Roster
    private let reference: Double?

    /// `moment` is the Unix time of the survey; it decides how times are written.
    package init(_ queried: [SurveyedNode], at moment: Double) {
        let own = queried.first?.view
        let (nodes, aliases) = Self.split(queried, own)
        let roster = Roster(nodes, aliases: aliases)
        let votes = Vote.all(nodes, roster)
        let up = Set(votes.lazy.filter(\.isUp).map(\.node))
        let lists = ListComparison(nodes, roster)
        let clocks = ClockComparison(nodes, roster.names)
        // A peer that only a minority lists is part of the verdict about the lists.
        let strays = lists.strays.filter { peer in
            peer < nodes.count && nodes[peer].view == nil && !up.contains(peer)
        }
        let reachability = Reachability(nodes, roster.names, votes, at: moment)
        var found = reachability.verdicts(skipping: strays)
        found += IdentityComparison(nodes, roster).verdicts
        found += lists.verdicts { Self.state(of: $0, nodes, roster) }
        found += Self.versions(nodes, roster.names)
        found += clocks.verdicts
        let rank = Dictionary(uniqueKeysWithValues: zip(Verdict.Kind.allCases, 0...))
        verdicts = found.sorted { left, right in
            let ranks = (rank[left.kind] ?? 0, rank[right.kind] ?? 0)
            if ranks.0 != ranks.1 { return ranks.0 < ranks.1 }
            return (left.subject ?? "", left.object ?? "")
                < (right.subject ?? "", right.object ?? "")
        }
        (self.nodes, self.roster, reference) = (nodes, roster, clocks.reference)
    }

    /// The name of each node, as the first node names it; the first as most others name it.
    package func name(of node: Int) -> String { roster.names[node] }

    /// The peers that a node lists, without itself, with their names and their indices in `nodes`.
    ///
    /// The index of a peer that was not queried is larger.
    package func peers(of node: Int) -> [(index: Int, name: String, sighting: Sighting)] {
        (nodes[node].view?.sightings ?? [])
            .compactMap { seen in
                guard let index = roster.index(of: seen), index != node else { return nil }
                return (index, roster.names[index], seen)
            }
    }

    /// Seconds by which the clock of a node is ahead of most others; nil if unknown.
    package func clockDifference(of node: Int) -> Double? {
        guard let clock = nodes[node].view?.clock, let reference else { return nil }
        return clock.ahead - reference
    }

    /// Separates responses of the first node under other URLs.
    private static func split(
        _ queried: [SurveyedNode],
        _ own: NodeView?
    ) -> (nodes: [SurveyedNode], aliases: [String]) {
        var nodes: [SurveyedNode] = []
        var aliases: [String] = []
        for node in queried {
            let isOwn =
                !nodes.isEmpty && node.view?.instance != nil
                && node.view?.instance == own?.instance && node.view?.nodeID == own?.nodeID
            if isOwn { aliases.append(node.url) } else { nodes.append(node) }
        }
        return (nodes, aliases)
    }

    /// The state of a peer that a minority lists; nil unless it is down.
    private static func state(of peer: Int, _ nodes: [SurveyedNode], _ roster: Roster) -> String? {
        for seen in nodes.lazy.compactMap(\.view).flatMap(\.sightings)
        where seen.state == .down && roster.index(of: seen) == peer {
            return seen.stateAndReason
        }
        return nil
    }

    /// One verdict if the nodes run several versions.
    private static func versions(_ nodes: [SurveyedNode], _ names: [String]) -> [Verdict] {
        var users: [String: [String]] = [:]
        for (node, name) in zip(nodes, names) {
            guard let version = node.view?.version else { continue }
            users[version, default: []].append(name)
        }
        guard users.count > 1 else { return [] }
        let groups = users.sorted { ($1.value.count, $1.key) < ($0.value.count, $0.key) }
        let total = groups.reduce(0) { $0 + $1.value.count }
        let isOne = groups.count == 2 && groups[1].value.count == 1 && total > 2
        let shown = groups.map { version, users in
            "\(version) on " + (users.count > 3 ? "\(users.count) nodes" : users.joinedWithAnd)
        }
        return [
            Verdict(
                .versionsDiffer,
                isOne ? groups[1].value[0] : nil,
                observers: groups[0].value.count,
                of: total,
                text: "the nodes run different versions: " + shown.joinedWithAnd
            )
        ]
    }
}
