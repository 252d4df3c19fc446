import Foundation
import Glibc
import TestSupport
import Testing

/// `status --all` with real nodes.
@Suite struct StatusAllTests {
    /// The output of `status --all --json`.
    struct Shown: Decodable {
        let nodes: [Node]
        let verdicts: [Verdict]

        struct Node: Decodable {
            let name: String
            let responded: Bool
            let error: String?
            let clockAhead: Double?
            let sees: [Seen]?
        }

        struct Seen: Decodable {
            let name: String
            let state: String
        }

        struct Verdict: Decodable {
            let kind: String
            let subject: String?
            let object: String?
            let observers: Int?
            let of: Int?
            let since: Double?
            let text: String

            /// Kind, subject and object: `link n1 n3`.
            var name: String {
                [kind, subject, object].compactMap(\.self).joined(separator: " ")
            }
        }

        var found: [String] { verdicts.map(\.name) }
    }

    /// Faults of five nodes, on which machine the command runs, and what it must report.
    private static let cases: [(Set<FaultyFederation.Fault>, machine: Int?, found: [String])] = [
        ([], nil, []),
        ([], 1, []),
        ([.stopped(3)], nil, ["peer_down n3"]),
        ([.stopped(3), .cut(1, 4)], nil, ["peer_down n3", "link n1 n4"]),
        ([.cut(1, 4)], nil, ["link n1 n4"]),
        ([.cut(1, 4), .otherList(5)], nil, ["link n1 n4", "lists_differ n5"]),
        ([.otherList(5)], nil, ["lists_differ n5"]),
        ([.otherList(5), .clockAhead(2)], nil, ["lists_differ n5", "clock n2"]),
        ([.clockAhead(2)], 1, ["clock n2"]),
        ([.clockAhead(2), .clockAhead(4)], nil, ["clock n2", "clock n4"]),
        ([.clockAhead(2), .isolated(5)], nil, ["observer n5", "clock n2"]),
        ([.isolated(5)], nil, ["observer n5"]),
        ([.isolated(5)], 1, ["peer_down n5"]),
        ([.isolated(5)], 5, ["observer node-n5"]),
        ([.isolated(5), .stopped(3)], nil, ["peer_down n3", "observer n5"]),
        ([.stopped(3), .stopped(4)], 1, ["peer_down n3", "peer_down n4"]),
        ([.hung(5), .cut(2, 1)], nil, ["peer_down n5", "link n2 n1"]),
        ([], nil, []),
    ]

    /// `observers`, `of` and the start of `text` of a verdict about a fault that is alone, as seen
    /// from the router.
    private static let details: [String: (observers: Int, of: Int, start: String)] = [
        "peer_down n3": (4, 4, "n3 is down: 4 of 4 observers, "),
        "link n1 n4": (1, 4, "n1 cannot reach n4: "),
        "lists_differ n5": (3, 3, "the list of n5 differs from 3 of 3 others: n2 is missing; n9 "),
        "clock n2": (4, 5, "the clock of n2 is ahead by "),
        "observer n5": (0, 4, "no node reaches n5, and n5 reaches no node"),
    ]

    @Test func `real faults of five nodes are named, alone and two at a time`() async throws {
        let federation = try await FaultyFederation()
        defer { federation.close() }
        for (faults, machine, expected) in Self.cases {
            try await federation.set(faults)
            var texts: [String] = []
            let place = machine.map { "machine \($0)" } ?? "the router"
            // A run that waits for a node takes five seconds.
            let isNamed = try await eventually("\(faults), on \(place)", within: .seconds(20)) {
                let result = try await federation.status(on: machine, ["--json"])
                texts = [result.log]
                guard result.ending == .exit(expected.isEmpty ? 0 : 1) else { return false }
                let shown: Shown = try decodeSnakeCase(Array(result.output.utf8))
                texts = shown.verdicts.map { "\($0.observers ?? -1)/\($0.of ?? -1) \($0.text)" }
                guard shown.found == expected else { return false }
                let isAlone = faults.count == 1
                return shown.verdicts.allSatisfy { verdict in
                    guard isAlone, let detail = Self.details[verdict.name] else { return true }
                    return verdict.observers == detail.observers && verdict.of == detail.of
                        && verdict.text.hasPrefix(detail.start)
                }
            }
            if !isNamed { Issue.record("found instead: \(texts)") }
        }
        var text = ""
        await eventually("each node sees all others") {
            text = (try? await federation.status(on: 1).output) ?? ""
            return text.components(separatedBy: "4 of 4").count == 6
        }
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
        #expect(lines.first == "5 of 5 nodes responded")
        #expect(lines.dropLast().last == "no verdicts", "\(text)")
        #expect(lines.allSatisfy { $0.count <= 80 }, "\(text)")
    }

    @Test func `a survey of thirty nodes of which three hang ends within six seconds`()
        async throws
    {
        let first = try freePorts(inARow: 30)
        let ports = first..<first + 30
        let names = zip(ports, 1...).map { "n\($1)=http://127.0.0.1:\($0)" }
        let nodes = try zip(ports, names)
            .map { port, own in
                try ChildProcess(
                    daemonExecutable(),
                    ["serve"],
                    environment:
                        ServedNode.environment(
                            peers: names.filter { $0 != own },
                            port: port
                        )
                        .merging(["NOVA_FED_SYNC_INTERVAL": "2", "NOVA_FED_SYNC_TIMEOUT": "1"]) {
                            $1
                        }
                )
            }
        defer { for node in nodes { node.kill() } }
        let hung = [4, 11, 29]
        let served = zip(nodes, ports).map { ServedNode(process: $0, port: $1) }
        for node in nodes { _ = try await ServedNode.port(of: node) }
        for index in hung { nodes[index].send(SIGSTOP) }
        let running = served.indices.filter { !hung.contains($0) }
        for index in running {
            await eventually("node \(index) sees 26 of 29", within: .seconds(30)) {
                let states = try? await served[index].health().states.values
                return states?.count { $0 == "up" } == 26 && states?.count { $0 == "down" } == 3
            }
        }
        let start = ContinuousClock.now
        let result = try await run(
            daemonExecutable(),
            ["status", "--all", "--json", "--url", served[0].url]
        )
        let duration = ContinuousClock.now - start
        #expect(duration < .seconds(6))
        #expect(result.ending == .exit(1))
        let shown: Shown = try decodeSnakeCase(Array(result.output.utf8))
        #expect(shown.nodes.count == 30 && shown.nodes.count { $0.responded } == 27)
        #expect(Set(shown.found) == Set(hung.map { "peer_down n\($0 + 1)" }))
        #expect(shown.verdicts.allSatisfy { $0.observers == 27 && $0.of == 27 && $0.since != nil })
        #expect(shown.verdicts.allSatisfy { $0.text.contains("does not respond to this command") })
    }

    @Test func `a first node that does not respond or is no node ends the command`() async throws {
        let refused = try ScriptedPeer(.answer(response(403, body: "{}")))
        let other = try ScriptedPeer(.answer(response(200, body: "{}")))
        let absent = "http://127.0.0.1:\(try freePort())"
        for (url, code) in [(absent, 69), (other.url, 69), (refused.url, 77), ("ftp://h", 64)] {
            let result = try await run(daemonExecutable(), ["status", "--all", "--url", url])
            #expect(result.ending == .exit(Int32(code)), "\(url): \(result.log)")
            #expect(result.output.isEmpty && !result.log.isEmpty)
        }
    }
}
