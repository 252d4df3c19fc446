import Federation
import Foundation
import JSON
import NodeClient
import TestSupport
import Testing

@testable import Daemon

/// The text and the JSON of `status --all`.
struct ShownSurveyTests {
    /// A survey of nodes that list each other under these names; each sees all but `down`.
    private static func survey(_ names: [String], down: Set<Int> = []) -> Survey {
        func url(_ node: Int) -> String { "http://10.0.0.\(node):8100" }
        let nodes = names.indices.map { node in
            guard !down.contains(node) else {
                return SurveyedNode(
                    url: url(node),
                    result: .failure(QueryFailure(.noResponse, text: "no response: \u{1B}[2J"))
                )
            }
            let sightings = names.indices.filter { $0 != node }
                .map { peer in
                    Sighting(
                        label: names[peer],
                        url: url(peer),
                        state: down.contains(peer) ? .down : .up,
                        nodeID: "node-\(peer)",
                        since: 1_795_000_000,
                        reason: down.contains(peer) ? "connect_refused" : nil
                    )
                }
            let view = NodeView(
                nodeID: "node-\(node)",
                instance: "\(node)",
                version: "10.20.30",
                uptime: 100,
                clock: ClockReading(ahead: -Double(node % 4), uncertainty: 0.01),
                sightings: sightings
            )
            return SurveyedNode(url: url(node), result: .success(view))
        }
        return Survey(nodes, at: 1_795_000_600)
    }

    private static func lines(_ survey: Survey) -> [String] {
        ShownSurvey(survey).text.split(separator: "\n", omittingEmptySubsequences: false)
            .map(String.init)
    }

    @Test func `five nodes are shown as a matrix of at most 80 columns`() {
        let names = (1...5).map { "10.200.100.\($0):8100" }
        let lines = Self.lines(Self.survey(names, down: [2]))
        #expect(
            lines.prefix(8) == [
                "4 of 5 nodes responded", "",
                "   node               version   clock s  sees    1   2   3     4   5",
                "1  10.200.100.1:8100  10.20.30  0.0      3 of 4  .   up  down  up  up",
                "2  10.200.100.2:8100  10.20.30  -1.0     3 of 4  up  .   down  up  up",
                "3  10.200.100.3:8100  -         -        -       -   -   .     -   -",
                "4  10.200.100.4:8100  10.20.30  -3.0     3 of 4  up  up  down  .   up",
                "5  10.200.100.5:8100  10.20.30  0.0      3 of 4  up  up  down  up  .",
            ]
        )
        #expect(lines.prefix(8).allSatisfy { $0.count <= 80 })
        #expect(lines[9] == "  10.200.100.3:8100: no response: \u{FFFD}[2J")
        #expect(lines[11] == "verdicts" && lines[12].hasPrefix("  peer_down  10.200.100.3:8100 is"))
        #expect(lines.count == 13)
    }

    @Test func `the text shows that there are no verdicts`() {
        #expect(Self.lines(Self.survey(["n1", "n2", "n3"])).last == "no verdicts")
    }

    @Test func `a large federation has one line per node, the worst first, and a limit`() {
        let names = (100..<300).map { "n\($0)" }
        let lines = Self.lines(Self.survey(names, down: Set(3..<63)))
        #expect(lines[0] == "140 of 200 nodes responded")
        #expect(lines[2] == "node  version  clock s  sees  seen by  does not see")
        #expect(lines[3] == "n103  -        -        -     0        -")
        #expect(lines.contains("and 150 more nodes"))
        #expect(lines.count { $0 == "  and 10 more" } == 2)
        #expect(lines.count < 170)
        let few = Self.lines(Self.survey((10..<20).map { "n\($0)" }, down: [1, 2, 3, 4]))
        #expect(few[7] == "n10   10.20.30  1.0      5 of 9  5        n11, n12, n13, …", "\(few)")
    }

    /// The first cells of the rows of contracts/commands.md that begin with `prefix`.
    private static func contract(_ prefix: String) throws -> Set<String> {
        let path = "\(packageRoot)/contracts/commands.md"
        let rows = try String(contentsOfFile: path, encoding: .utf8)
            .matches(of: /\n\| ([a-z_\[\].]+) \|/).map { String($0.output.1) }
        return Set(rows.filter { $0.hasPrefix(prefix) }.map { String($0.dropFirst(prefix.count)) })
    }

    @Test func `the contract has the fields and kinds of the JSON`() throws {
        let json = ShownSurvey(Self.survey(["n1", "n2", "n3"], down: [2])).json
        let object = try JSONSerialization.jsonObject(with: Data(json.bytes))
        let shown = try #require(object as? [String: [[String: Any]]])
        let node = try #require(shown["nodes"]?.first)
        let seen = try #require((node["sees"] as? [[String: Any]])?.first)
        let verdict = try #require(shown["verdicts"]?.first)
        #expect(try Self.contract("nodes[].sees[].") == Set(seen.keys))
        #expect(
            try Self.contract("nodes[].").filter { !$0.contains(".") } == Set(node.keys)
        )
        #expect(try Self.contract("verdicts[].") == Set(verdict.keys))
        let kinds = try Self.contract("").filter { !$0.contains("[") }
        #expect(
            kinds.subtracting(["nodes", "verdicts", "field", "kind"])
                == Set(Verdict.Kind.allCases.map(\.rawValue))
        )
    }

    @Test func `the JSON has every node and verdict, and null for what is unknown`() throws {
        let json = ShownSurvey(Self.survey(["n1", "n2", "n3"], down: [2])).json
        let object = try JSONSerialization.jsonObject(with: Data(json.bytes))
        let shown = try #require(object as? [String: [[String: Any]]])
        let nodes = try #require(shown["nodes"])
        #expect(nodes.map { $0["name"] as? String } == ["n1", "n2", "n3"])
        #expect(nodes[0]["error"] is NSNull && nodes[0]["responded"] as? Bool == true)
        for field in ["node_id", "version", "clock_ahead", "sees"] {
            #expect(nodes[2][field] is NSNull, "\(field)")
        }
        let seen = try #require(nodes[0]["sees"] as? [[String: Any]])
        #expect(seen.map { $0["name"] as? String } == ["n2", "n3"])
        #expect(seen[1]["state"] as? String == "down" && seen[0]["reason"] is NSNull)
        #expect(seen[1]["reason"] as? String == "connect_refused")
        let verdict = try #require(shown["verdicts"]?.first)
        #expect(verdict["kind"] as? String == "peer_down" && verdict["object"] is NSNull)
        #expect(verdict["since"] as? Double == 1_795_000_000)
    }
}
