import Federation
import JSON
import NodeClient
import Pages

/// A survey of a federation, for a terminal or as JSON.
struct ShownSurvey {
    /// The maximum number of nodes shown as a matrix; five nodes fit in 80 columns.
    private static let matrixNodes = 8
    /// The maximum number of rows, and of verdicts, in the text; JSON has all.
    private static let maximumLines = 50

    private let survey: Survey
    /// The indices of the nodes, by name.
    private let order: [Int]
    /// The number of nodes that see each node.
    private let seenBy: [Int]

    init(_ survey: Survey) {
        self.survey = survey
        order = survey.nodes.indices.sorted { survey.name(of: $0) < survey.name(of: $1) }
        var seenBy = survey.nodes.map { _ in 0 }
        for node in survey.nodes.indices {
            for peer in survey.peers(of: node) where peer.index < seenBy.count {
                seenBy[peer.index] += peer.sighting.isUp == true ? 1 : 0
            }
        }
        self.seenBy = seenBy
    }

    /// A table of the nodes, the failed queries, and the verdicts.
    var text: String {
        let nodes = survey.nodes
        let responded = nodes.count { $0.view != nil }
        let failures = nodes.indices.compactMap { node in
            nodes[node].failure.map { "\(survey.name(of: node)): \($0.text)" }
        }
        let verdicts = survey.verdicts.map { "\($0.kind.rawValue)  \($0.text)" }
        let head = "\(responded) of \(nodes.count) nodes responded"
        let sections = [
            [head], [nodes.count <= Self.matrixNodes ? matrix : table], Self.limited(failures),
            verdicts.isEmpty ? ["no verdicts"] : ["verdicts"] + Self.limited(verdicts),
        ]
        return sections.filter { !$0.isEmpty }.map { $0.joined(separator: "\n") }
            .joined(separator: "\n\n")
    }

    private static func limited(_ lines: [String]) -> [String] {
        lines.prefix(maximumLines).map { "  " + $0.printable(upTo: 400) }
            + (lines.count > maximumLines ? ["  and \(lines.count - maximumLines) more"] : [])
    }

    /// A row for each node, with a column for what it reports about each other node.
    private var matrix: String {
        var table = TextTable(
            header: ["", "node", "version", "clock s", "sees"] + order.indices.map { "\($0 + 1)" }
        )
        for (row, node) in order.enumerated() {
            let seen = Dictionary(survey.peers(of: node).map { ($0.index, $0.sighting.state) }) {
                first,
                _ in first
            }
            let cells = order.map { $0 == node ? "." : seen[$0].map(Self.cell) }
            table.add(["\(row + 1)"] + facts(node) + cells)
        }
        return table.text
    }

    /// The state, with at most five letters.
    private static func cell(_ state: PeerState) -> String {
        state == .unknown ? "new" : state.rawValue
    }

    /// Per node, which others it does not see; the worst first.
    private var table: String {
        var table = TextTable(
            header: ["node", "version", "clock s", "sees", "seen by", "does not see"]
        )
        let unseen = survey.nodes.indices.map { node in
            survey.peers(of: node).filter { $0.sighting.state == .down }.map(\.name)
        }
        func rank(_ place: Int) -> (Int, Int, Int, Int) {
            let node = order[place]
            let failed = survey.nodes[node].view == nil ? 0 : 1
            return (failed, -unseen[node].count, seenBy[node], place)
        }
        let worst = order.indices.sorted { rank($0) < rank($1) }.map { order[$0] }
        for node in worst.prefix(Self.maximumLines) {
            let some = unseen[node].sorted().prefix(3).map { $0.printable(upTo: 16) }
            let names = some.joined(separator: ", ") + (unseen[node].count > 3 ? ", …" : "")
            table.add(facts(node) + ["\(seenBy[node])", names.isEmpty ? nil : names])
        }
        let hidden = worst.count - Self.maximumLines
        return table.text + (hidden > 0 ? "\nand \(hidden) more nodes" : "")
    }

    /// Name, version, difference of the clock, and how many peers the node sees.
    private func facts(_ node: Int) -> [String?] {
        let view = survey.nodes[node].view
        let peers = survey.peers(of: node)
        let up = peers.count { $0.sighting.isUp == true }
        return [
            survey.name(of: node).printable(upTo: 18), view?.version?.printable(upTo: 10),
            // Adding 0 turns a negative zero into zero.
            survey.clockDifference(of: node).map { "\(($0 * 10).rounded() / 10 + 0)" },
            view.map { $0.isListOmitted ? "omitted" : "\(up) of \(peers.count)" },
        ]
    }

    /// contracts/commands.md describes the fields.
    var json: JSONOutput {
        [
            "nodes": .list(order.map(node)),
            "verdicts": .list(survey.verdicts.map(\.json)),
        ]
    }

    private func node(_ index: Int) -> JSONOutput {
        let node = survey.nodes[index]
        let isListed = node.view.map { !$0.isListOmitted } ?? false
        return [
            "name": .string(survey.name(of: index)),
            "url": .string(node.url),
            "node_id": .text(node.view?.nodeID),
            "version": .text(node.view?.version),
            "responded": .bool(node.view != nil),
            "error": .text(node.failure?.text),
            "clock_ahead": .number(survey.clockDifference(of: index)),
            "sees": isListed
                ? .list(survey.peers(of: index).map { Self.seen($0.name, $0.sighting) }) : .null,
        ]
    }

    private static func seen(_ name: String, _ sighting: Sighting) -> JSONOutput {
        [
            "name": .string(name),
            "state": .string(sighting.state.rawValue),
            "since": .number(sighting.since),
            "reason": .text(sighting.state == .down ? sighting.reason : nil),
        ]
    }
}

extension Verdict {
    fileprivate var json: JSONOutput {
        [
            "kind": .string(kind.rawValue),
            "subject": .text(subject),
            "object": .text(object),
            "observers": .count(observers),
            "of": .count(of),
            "since": .number(since),
            "text": .string(text),
        ]
    }
}
