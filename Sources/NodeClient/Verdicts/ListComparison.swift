/// Which nodes list a peer that most others do not list, or the reverse: `lists_differ`.
struct ListComparison: Sendable {
    private let names: [String]
    private let lists: [Int: Set<Int>]
    /// The deviations, by node.
    private var deviations: [Int: Deviation] = [:]
    /// Peers that a minority lists; their state is part of the verdict about the lists.
    private(set) var strays: Set<Int> = []
    private let firstIsUnlisted: Bool

    /// How the list of one node differs from those of most others.
    private struct Deviation {
        var missing: [Int] = []
        var extra: [Int] = []
        /// The number of nodes that disagree about the first difference, and of those compared.
        var disagreeing = 0
        var compared = 0

        mutating func add(_ peer: Int, isMissing: Bool, disagreeing: Int, compared: Int) {
            if missing.isEmpty && extra.isEmpty {
                (self.disagreeing, self.compared) = (disagreeing, compared)
            }
            if isMissing { missing.append(peer) } else { extra.append(peer) }
        }
    }

    init(_ nodes: [SurveyedNode], _ roster: Roster) {
        names = roster.names
        var lists: [Int: Set<Int>] = [:]
        var listers: [Int: Set<Int>] = [:]
        /// Those that have responded to a node at some time, or to the command.
        var known = Set(nodes.indices.filter { nodes[$0].view != nil })
        for (observer, node) in nodes.enumerated() {
            guard let view = node.view, !view.isListOmitted else { continue }
            var list: Set<Int> = []
            for seen in view.sightings {
                // A node may list itself.
                guard let peer = roster.index(of: seen), peer != observer else { continue }
                list.insert(peer)
                listers[peer, default: []].insert(observer)
                if seen.nodeID != nil { known.insert(peer) }
            }
            lists[observer] = list
        }
        self.lists = lists
        let isComplete = lists.count > 1 && lists[0] != nil
        firstIsUnlisted = isComplete && roster.isFirstMatched && listers[0] == nil
        for (peer, with) in listers.sorted(by: { $0.key < $1.key }) {
            let others = lists.count - (lists[peer] == nil ? 0 : 1)
            let without = others - with.count
            guard without > 0 else { continue }
            // In a tie, a peer that exists is missing, and another one is extra.
            let isMissing = (without, known.contains(peer) ? 0 : 1) < (with.count, 1)
            if with.count < without { strays.insert(peer) }
            for node in isMissing ? Set(lists.keys).subtracting(with.union([peer])) : with {
                deviations[node, default: Deviation()]
                    .add(
                        peer,
                        isMissing: isMissing,
                        disagreeing: isMissing ? with.count : without,
                        compared: others - 1
                    )
            }
        }
    }

    /// The verdicts; `state` describes a peer that a minority lists.
    func verdicts(state: (Int) -> String?) -> [Verdict] {
        var verdicts = deviations.sorted { $0.key < $1.key }
            .map { node, deviation in verdict(node, deviation, state) }
        if firstIsUnlisted {
            verdicts.append(
                Verdict(
                    .listsDiffer,
                    names[0],
                    observers: lists.count - 1,
                    of: lists.count - 1,
                    text: "no other node lists \(names[0])"
                )
            )
        }
        return verdicts
    }

    private func verdict(
        _ node: Int,
        _ deviation: Deviation,
        _ state: (Int) -> String?
    ) -> Verdict {
        let (missing, extra) = (deviation.missing, deviation.extra)
        var parts: [String] = []
        if lists[node]?.isEmpty == true {
            parts.append("it has no peers")
        } else if !missing.isEmpty {
            let verb = missing.count == 1 ? "is" : "are"
            parts.append("\(missing.map { names[$0] }.joinedWithAnd) \(verb) missing")
        }
        if !extra.isEmpty {
            let shown = extra.enumerated()
                .map { place, peer in
                    // Only three are shown, and finding the state takes a search.
                    let state = place < 3 ? state(peer) : nil
                    return names[peer] + (state.map { " (\($0))" } ?? "")
                }
            parts.append("\(shown.joinedWithAnd) \(extra.count == 1 ? "is" : "are") extra")
        }
        let peers = missing + extra
        return Verdict(
            .listsDiffer,
            names[node],
            object: peers.count == 1 ? names[peers[0]] : nil,
            observers: deviation.disagreeing,
            of: deviation.compared,
            text: """
                the list of \(names[node]) differs from \(deviation.disagreeing) of \
                \(deviation.compared) others: \(parts.joined(separator: "; "))
                """
        )
    }
}
