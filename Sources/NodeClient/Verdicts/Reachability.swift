/// Which nodes reach each other: the verdicts `peer_down`, `observer` and `link`.
///
/// A blind observer is judged itself, and its votes do not count. So one isolated node is one
/// verdict, and so is a stopped node, which no observer reaches.
struct Reachability: Sendable {
    private let nodes: [SurveyedNode]
    private let names: [String]
    /// By node.
    private let votesAbout: [[Vote]]
    /// By observer.
    private let votesBy: [[Vote]]
    /// The observers that do not see most of the nodes that evidently run.
    private let blind: Set<Int>
    /// Unix seconds.
    private let moment: Double

    init(_ nodes: [SurveyedNode], _ names: [String], _ votes: [Vote], at moment: Double) {
        (self.nodes, self.names, self.moment) = (nodes, names, moment)
        var about: [[Vote]] = nodes.map { _ in [] }
        var by = about
        for vote in votes {
            about[vote.node].append(vote)
            by[vote.observer].append(vote)
        }
        (votesAbout, votesBy) = (about, by)
        // A node runs if it responds, or if most of those that pull it see it.
        let runs = nodes.indices.map { node in
            nodes[node].view != nil || about[node].count { $0.isUp } > about[node].downs.count
        }
        blind = Set(
            nodes.indices.filter { observer in
                let unseen = by[observer].downs.count { runs[$0.node] }
                let seen = by[observer].count { $0.isUp }
                return unseen >= 2 && unseen > seen
            }
        )
    }

    /// The verdicts about all nodes but `skipped`.
    func verdicts(skipping skipped: Set<Int>) -> [Verdict] {
        if let alone { return [alone] }
        return nodes.indices.filter { !skipped.contains($0) }.flatMap(verdicts(about:))
    }

    /// The verdict if the first node and this command reach no other node.
    ///
    /// Then the others cannot be judged, unless a failure shows that the network works.
    private var alone: Verdict? {
        let votes = votesBy[0]
        guard nodes.count >= 3, nodes[0].view != nil, votes.allSatisfy({ !$0.isUp }),
            votes.allSatisfy(\.canBeOwnFault),
            nodes.dropFirst().allSatisfy({ $0.failure?.cause == .unreachable })
        else { return nil }
        let others = nodes.count - 1
        return Verdict(
            .observer,
            names[0],
            observers: 0,
            of: others,
            since: votes.since,
            text: """
                \(names[0]) sees 0 of \(others), and this command reaches none of them: \
                \(names[0]) is cut off, or all of them are down
                """
        )
    }

    private func verdicts(about node: Int) -> [Verdict] {
        let votes = votesAbout[node].filter { !blind.contains($0.observer) }
        if blind.contains(node) {
            return [blindness(of: node, seenBy: votes.isEmpty ? votesAbout[node] : votes)]
        }
        let downs = votes.downs
        let isMajority = downs.count * 2 > votes.count
        guard let failure = nodes[node].failure else {
            // With a single observer, and a node that responds, the link is the likely cause.
            return isMajority && votes.count > 1
                ? [peerDown(node, votes)] : downs.map { link($0, votes) }
        }
        if isMajority { return [peerDown(node, votes)] }
        // The command usually runs where the first node runs, so it can have the same cause.
        let isFirstLink = !downs.isEmpty && downs.allSatisfy { $0.observer == 0 }
        if isFirstLink || failure.cause == .otherProgram { return downs.map { link($0, votes) } }
        return [unresponsive(node, failure, votes)]
    }

    private func peerDown(_ node: Int, _ votes: [Vote]) -> Verdict {
        let downs = votes.downs
        let response = nodes[node].failure.map { "and \($0.sentence)" }
        return Verdict(
            .peerDown,
            names[node],
            observers: downs.count,
            of: votes.count,
            since: downs.since,
            text: """
                \(names[node]) is down: \(downs.count) of \(votes.count) observers, \
                \(downs.failure(at: moment)), \(response ?? "but it responds to this command")
                """
        )
    }

    private func link(_ vote: Vote, _ votes: [Vote]) -> Verdict {
        let others = votes.count { $0.isUp }
        var text = "\(names[vote.observer]) cannot reach \(names[vote.node]): "
        text += [vote].failure(at: moment)
        switch others {
        case 0: text += ", but it responds to this command"
        case 1: text += "; 1 other can"
        default: text += "; \(others) others can"
        }
        return Verdict(
            .link,
            names[vote.observer],
            object: names[vote.node],
            observers: 1,
            of: votes.count,
            since: vote.since,
            text: text
        )
    }

    /// The verdict about a blind observer; `observers` is the number of nodes that see it.
    private func blindness(of node: Int, seenBy votes: [Vote]) -> Verdict {
        let seen = votesBy[node].count { $0.isUp }
        let seenBy = votes.count { $0.isUp }
        let name = names[node]
        let text =
            seen == 0 && seenBy == 0 && !votes.isEmpty
            ? "no node reaches \(name), and \(name) reaches no node"
            : """
            \(name) sees \(seen) of \(votesBy[node].count), and \(seenBy) of \(votes.count) see it
            """
        return Verdict(
            .observer,
            name,
            observers: seenBy,
            of: votes.count,
            since: votesBy[node].downs.since,
            text: text
        )
    }

    /// The verdict about a node that most others see, or have not pulled, but that has no view.
    private func unresponsive(_ node: Int, _ failure: QueryFailure, _ votes: [Vote]) -> Verdict {
        let seenBy = votes.count { $0.isUp }
        let seen =
            votes.isEmpty
            ? "no observer has pulled it yet" : "\(seenBy) of \(votes.count) nodes see it"
        return Verdict(
            .observer,
            names[node],
            observers: seenBy,
            of: votes.count,
            text: "\(names[node])\(failure.sentence.dropFirst(2)); \(seen)"
        )
    }
}
