internal import Federation

/// The nodes and peers of a survey, their names, and the one that each entry of a list refers to.
///
/// Lists are matched by URL and by node id, because names can differ between nodes.
struct Roster: Sendable {
    /// By index: the queried nodes first, the first node at 0, then peers that only other nodes
    /// list.
    private(set) var names: [String] = []
    /// Whether the others know the first node, or certainly do not list it.
    private(set) var isFirstMatched = false
    private var byURL: [String: Int] = [:]
    /// Only ids that belong to exactly one node.
    private let byID: [String: Int]

    /// `aliases` are other URLs of the first node.
    init(_ nodes: [SurveyedNode], aliases: [String] = []) {
        for (index, node) in nodes.enumerated() where byURL[node.url] == nil {
            byURL[node.url] = index
        }
        for url in aliases { byURL[url] = 0 }
        for (index, node) in nodes.enumerated() {
            for own in node.view?.sightings ?? [] where own.state == .itself {
                byURL[own.url] = byURL[own.url] ?? index
            }
        }
        byID = Self.ids(nodes, byURL)
        // A node that has not reached a peer yet knows only its URL; others know the id too.
        for seen in nodes.lazy.compactMap(\.view).flatMap(\.sightings)
        where byURL[seen.url] == nil {
            byURL[seen.url] = index(of: seen)
        }
        let first = firstAddress(nodes.dropFirst().compactMap(\.view), nodes.first?.view?.nodeID)
        if let url = first.url { byURL[url] = 0 }
        isFirstMatched = first.isCertain
        nameAll(nodes)
    }

    /// The index of the node or peer that an entry of a list is.
    func index(of sighting: Sighting) -> Int? {
        if let index = byURL[sighting.url] { return index }
        // A clone has the observer's id, and a changing id is no key.
        guard let nodeID = sighting.nodeID, [.ok, .duplicate, .itself].contains(sighting.identity)
        else { return nil }
        return byID[nodeID]
    }

    /// The nodes by id; the id of a node without a view is the one that others last saw.
    private static func ids(_ nodes: [SurveyedNode], _ byURL: [String: Int]) -> [String: Int] {
        var owners: [String: Set<Int>] = [:]
        for (index, node) in nodes.enumerated() {
            guard let view = node.view else { continue }
            owners[view.nodeID, default: []].insert(index)
            for seen in view.sightings where seen.identity == .ok {
                guard let nodeID = seen.nodeID, let peer = byURL[seen.url], nodes[peer].view == nil
                else { continue }
                owners[nodeID, default: []].insert(peer)
            }
        }
        return owners.compactMapValues { $0.count == 1 ? $0.first : nil }
    }

    /// The URL at which the other nodes list the first node, if matching by id did not find it.
    ///
    /// The command may have used another address of it. Then it is the unknown URL that most of the
    /// others list, without an id because no node has reached it yet, or with its id if another
    /// node has that too.
    private func firstAddress(
        _ views: [NodeView],
        _ nodeID: String?
    ) -> (url: String?, isCertain: Bool) {
        var strangers: [String: Int] = [:]
        for seen in views.lazy.flatMap(\.sightings) {
            switch index(of: seen) {
            case 0?: return (nil, true)
            case nil where seen.nodeID == nil || seen.nodeID == nodeID:
                strangers[seen.url, default: 0] += 1
            default: continue
            }
        }
        let listed = strangers.filter { $0.value * 2 > views.count }.map(\.key)
        return listed.count == 1 ? (listed[0], true) : (nil, strangers.isEmpty)
    }

    /// Names everything: as the first node does, or else as most of the nodes that list it do.
    private mutating func nameAll(_ nodes: [SurveyedNode]) {
        names = nodes.map(\.url)
        /// The first node's names, and those of others for what the first node does not list.
        var given: [Int: String] = [:]
        var labels: [Int: [String]] = [:]
        for (observer, node) in nodes.enumerated() {
            for seen in node.view?.sightings ?? [] {
                if index(of: seen) == nil {
                    byURL[seen.url] = names.count
                    names.append(seen.url)
                }
                guard let peer = index(of: seen) else { continue }
                if observer == 0 {
                    given[peer] = seen.label
                } else if peer == 0 || peer >= nodes.count {
                    labels[peer, default: []].append(seen.label)
                }
            }
        }
        var taken: Set<String> = []
        // If two have the same name, a peer of the first node keeps it.
        for index in Array(nodes.indices.dropFirst()) + [0] + Array(nodes.count..<names.count) {
            let nodeID = index == 0 ? nodes[0].view?.nodeID : nil
            guard let name = given[index] ?? labels[index]?.mostFrequent ?? nodeID else { continue }
            if taken.insert(name).inserted { names[index] = name }
        }
    }
}
