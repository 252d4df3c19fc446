internal import Federation

/// Which nodes share a node id or change it: `identity`.
struct IdentityComparison: Sendable {
    private(set) var verdicts: [Verdict] = []

    init(_ nodes: [SurveyedNode], _ roster: Roster) {
        var reports: [Int: [IdentityState]] = [:]
        var ids = nodes.map { $0.view?.nodeID }
        for (observer, node) in nodes.enumerated() {
            for seen in node.view?.sightings ?? [] {
                guard let peer = roster.index(of: seen), peer < nodes.count, peer != observer
                else { continue }
                if [.clone, .duplicate, .changing].contains(seen.identity) {
                    reports[peer, default: []].append(seen.identity)
                }
                // Only ids in current responses: another node may have taken that of a dead one.
                if nodes[peer].view == nil, seen.isUp == true, seen.identity != .changing {
                    ids[peer] = seen.nodeID
                }
            }
        }
        let total = nodes.count { $0.view != nil }
        var owners: [String: [Int]] = [:]
        for (node, id) in ids.enumerated() {
            if let id { owners[id, default: []].append(node) }
        }
        for (id, sharing) in owners where sharing.count > 1 {
            let names = sharing.map { roster.names[$0] }.sorted()
            let instances = Set(sharing.map { nodes[$0].view?.instance })
            let isOneProcess = instances.count == 1 && !instances.contains(nil)
            let reporting = sharing.map { reports.removeValue(forKey: $0)?.count ?? 0 }.max()
            verdicts.append(
                Verdict(
                    .identity,
                    names[0],
                    object: names.count == 2 ? names[1] : nil,
                    observers: reporting,
                    of: total,
                    text: names.joinedWithAnd
                        + (isOneProcess ? " are one process, node id " : " have one node id, ") + id
                )
            )
        }
        for (node, states) in reports {
            let state = states.map(\.rawValue).mostFrequent ?? ""
            let name = roster.names[node]
            let observers = total - (nodes[node].view == nil ? 0 : 1)
            verdicts.append(
                Verdict(
                    .identity,
                    name,
                    observers: states.count,
                    of: observers,
                    text: """
                        \(states.count) of \(observers) nodes report the identity of \(name) as \
                        \(state)
                        """
                )
            )
        }
    }
}
