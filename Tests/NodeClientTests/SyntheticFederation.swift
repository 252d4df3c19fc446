import Federation
import NodeClient

/// A federation with faults, and what its nodes respond to a command.
///
/// It computes the state of each pair from the faults, as pulls would, and does not use
/// verdicts.
struct SyntheticFederation {
    /// Unix seconds of the survey.
    static let moment = 1_795_000_000.0

    /// Where the command runs.
    enum Place: Hashable, CaseIterable {
        /// On the machine of the first node, with the network of that node.
        case firstNode
        /// On a machine that reaches every node.
        case outside
    }

    /// A fault of a node or of a pair, by numbers from 0.
    enum Fault: Hashable, CustomStringConvertible {
        /// The process ended.
        case stopped(Int)
        /// The process is suspended: it accepts connections and never responds.
        case hung(Int)
        /// Packets to and from the node are dropped.
        case isolated(Int)
        /// The node reaches no other, and the others reach it.
        case blind(Int)
        /// The first does not reach the second.
        case cut(Int, Int)
        /// The first does not list the second.
        case missing(Int, Int)
        /// The node lists a peer that does not exist.
        case extra(Int)
        case clockAhead(Int)
        case otherVersion(Int)
        /// The second has the node id of the first.
        case sameID(Int, Int)
        /// The node has pulled no peer since its start, and was down before.
        case justStarted(Int)

        var description: String {
            switch self {
            case .stopped(let node): "stopped \(node)"
            case .hung(let node): "hung \(node)"
            case .isolated(let node): "isolated \(node)"
            case .blind(let node): "blind \(node)"
            case .cut(let from, let to): "cut \(from)-\(to)"
            case .missing(let node, let peer): "missing \(node)-\(peer)"
            case .extra(let node): "extra \(node)"
            case .clockAhead(let node): "clock \(node)"
            case .otherVersion(let node): "version \(node)"
            case .sameID(let one, let other): "same id \(one)-\(other)"
            case .justStarted(let node): "just started \(node)"
            }
        }
    }

    var count = 5
    /// The node that the command queries first.
    var first = 0
    var place = Place.outside
    var faults: Set<Fault> = []
    /// Whether each node has its own names for its peers, except for the first node.
    var hasOwnNames = false
    /// Whether each node lists itself.
    var listsItself = false
    /// The URL with which the command found the first node.
    var firstURL: String?

    func name(_ node: Int) -> String { "n\(node + 1)" }
    static func url(_ node: Int) -> String { "http://10.0.0.\(node + 1):8100" }

    private func id(_ node: Int) -> String {
        for case .sameID(let one, let other) in faults where other == node { return id(one) }
        return "node-\(name(node))"
    }

    private func has(_ fault: Fault) -> Bool { faults.contains(fault) }
    private func responds(_ node: Int) -> Bool { !has(.stopped(node)) && !has(.hung(node)) }

    /// The reason if `observer`, nil for the command outside, gets no response from `node`.
    private func failure(from observer: Int?, to node: Int) -> String? {
        if let observer {
            let isCut =
                has(.isolated(observer)) || has(.isolated(node)) || has(.blind(observer))
                || has(.cut(observer, node))
            if isCut { return "timed_out" }
        }
        if has(.stopped(node)) { return "connect_refused" }
        return has(.hung(node)) ? "timed_out" : nil
    }

    /// What the nodes respond, the first node first.
    var nodes: [SurveyedNode] {
        let listed = peers(of: first)
        return [surveyed(first, url: firstURL ?? Self.url(first))]
            + listed.filter { $0 != first && $0 < count }.map { surveyed($0, url: Self.url($0)) }
            + listed.filter { $0 == count }
            .map { node in
                SurveyedNode(
                    url: Self.url(node),
                    result: .failure(QueryFailure(.unreachable, text: "no route"))
                )
            }
    }

    var verdicts: [Verdict] { Survey(nodes, at: Self.moment).verdicts }

    /// Kind, subject and object of each verdict: `link n1 n3`.
    var found: Set<String> {
        Set(
            verdicts.map { verdict in
                [verdict.kind.rawValue, verdict.subject, verdict.object].compactMap(\.self)
                    .joined(separator: " ")
            }
        )
    }

    private func peers(of node: Int) -> [Int] {
        (0..<count).filter { ($0 != node || listsItself) && !has(.missing(node, $0)) }
            + (has(.extra(node)) ? [count] : [])
    }

    private func surveyed(_ node: Int, url: String) -> SurveyedNode {
        let asker = place == .outside || node == first ? nil : first
        guard let reason = failure(from: asker, to: node) else {
            return SurveyedNode(url: url, result: .success(view(of: node)))
        }
        // A suspended process accepts connections, so the network is known to work.
        let isReached = failure(from: asker, to: node) == "connect_refused" || has(.hung(node))
        let isNetwork = asker.map { !canConnect(from: $0, to: node) } ?? false
        return SurveyedNode(
            url: url,
            result: .failure(
                QueryFailure(isReached && !isNetwork ? .noResponse : .unreachable, text: reason)
            )
        )
    }

    private func canConnect(from: Int, to: Int) -> Bool {
        !has(.isolated(from)) && !has(.isolated(to)) && !has(.blind(from)) && !has(.cut(from, to))
    }

    private func view(of node: Int) -> NodeView {
        NodeView(
            nodeID: id(node),
            instance: "instance-\(node)",
            version: has(.otherVersion(node)) ? "0.9.0" : "1.0.0",
            uptime: has(.justStarted(node)) ? 1 : 86_400,
            clock: ClockReading(
                ahead: has(.clockAhead(node)) ? 10 : Double(node) / 100,
                uncertainty: 0.01
            ),
            sightings: peers(of: node).map { sighting(of: $0, by: node) }
        )
    }

    private func sighting(of peer: Int, by node: Int) -> Sighting {
        let exists = peer < count
        let isOwnName = hasOwnNames && exists && node != first && peer != first
        let label = isOwnName ? "\(name(node))-\(name(peer))" : name(peer)
        var seen = Sighting(
            label: label,
            url: Self.url(peer),
            state: .up,
            nodeID: exists ? id(peer) : nil,
            since: Self.moment - 86_400
        )
        if has(.justStarted(node)) {
            (seen.state, seen.identity, seen.nodeID, seen.since) = (.unknown, .unknown, nil, nil)
        } else if peer == node {
            (seen.state, seen.identity) = (.itself, .itself)
        } else if let reason = exists ? failure(from: node, to: peer) : "dns_failed" {
            (seen.state, seen.reason) = (.down, reason)
            (seen.since, seen.failureAge) = (Self.moment - 600, 1)
        } else if has(.justStarted(peer)) {
            (seen.state, seen.reason, seen.failureAge) = (.down, "connect_refused", 10)
        } else if id(peer) == id(node) {
            (seen.state, seen.identity) = (.clone, .clone)
        } else if let twin = (0..<count).first(where: { $0 != peer && id($0) == id(peer) }) {
            seen.identity = twin < peer ? .duplicate : .ok
        }
        if !exists { seen.identity = .unknown }
        return seen
    }
}
