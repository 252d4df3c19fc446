import Foundation
import TestSupport
import Testing

/// The exit code of each command that queries a node, with and without `--json`.
@Suite struct ExitCodeTests {
    /// A command line without the node.
    static let queries = [
        ["status"], ["status", "--all"], ["top"], ["why", "n3"], ["events"], ["bundle"],
        ["check", "--against"], ["wait", "--ready"], ["wait", "--live", "1"],
    ]

    /// Runs a command against a node, first without and then with `--json`.
    ///
    /// A bundle that was not written must not exist.
    static func codes(
        _ query: [String],
        of url: String,
        settings: [String: String] = [:]
    ) async throws -> [ProcessResult] {
        let folder = try TemporaryDirectory()
        let node = query[0] == "check" ? [url] : ["--url", url]
        var results: [ProcessResult] = []
        for json in [[], ["--json"]] {
            let bundle = folder.file("bundle\(json.count)")
            let arguments = query + (query == ["bundle"] ? [bundle] : []) + node + json
            results.append(try await run(daemonExecutable(), arguments, environment: settings))
            if results.last?.ending != .exit(0) {
                #expect(!FileManager.default.fileExists(atPath: bundle))
            }
        }
        return results
    }

    /// Expects one exit code, nothing on standard output, and the reason on standard error.
    static func expect(_ code: Int32, _ reason: String, _ results: [ProcessResult]) {
        for result in results {
            #expect(result.ending == .exit(code), "\(result.log)")
            #expect(result.output.isEmpty)
            #expect(result.log.contains(reason), "\(result.log)")
        }
    }

    @Test(arguments: queries.prefix(7))
    func `without a response a command ends with 69`(query: [String]) async throws {
        let url = "http://127.0.0.1:\(try freePort())"
        Self.expect(69, "no response from \(url)", try await Self.codes(query, of: url))
    }

    @Test(arguments: queries.prefix(7))
    func `a server that is not a node ends a command with 69`(query: [String]) async throws {
        for body in ["<html>", "{}", "[]"] {
            let other = try ScriptedPeer(.answer(response(200, body: body)))
            let results = try await Self.codes(query, of: other.url)
            Self.expect(69, "\(other.url) is not a nova-federation node", results)
        }
        let other = try ScriptedPeer(.answer(response(500, body: "{}")))
        Self.expect(69, "returned status 500", try await Self.codes(query, of: other.url))
    }

    @Test(arguments: queries)
    func `a node that refuses the request ends a command with 77`(query: [String]) async throws {
        for status in [401, 403] {
            let closed = try ScriptedPeer(.answer(response(status, body: "{}")))
            let results = try await Self.codes(query, of: closed.url)
            Self.expect(77, "refused the request with status \(status)", results)
            #expect(closed.requests.count == 2)
        }
    }

    @Test(arguments: queries)
    func `invalid settings end a command with 78 before any request`(query: [String]) async throws {
        let node = try ScriptedPeer(.answer(response(200, body: "{}")))
        let settings = ["NOVA_FED_SYNC_INTERVAL": "soon"]
        let results = try await Self.codes(query, of: node.url, settings: settings)
        Self.expect(78, "NOVA_FED_SYNC_INTERVAL='soon': allowed: 0.1 to 3600 seconds", results)
        #expect(node.connectionCount == 0)
    }

    @Test(arguments: queries)
    func `a wrong command line ends a command with 64`(query: [String]) async throws {
        let usage = "Usage: nova-federation \(query[0])"
        Self.expect(64, usage, try await Self.codes(query, of: "ftp://h"))
        Self.expect(64, usage, try await Self.codes(query + ["--such"], of: "http://127.0.0.1:9"))
    }

    @Test(arguments: [
        ["events", "--kind", "x"], ["events", "--since", "soon"],
        ["events", "--since", "99999999999999d"], ["events", "--peer", ""], ["why", ""],
        ["events", "--limit", "0"],
        ["events", "--state-dir", "/x", "--follow"], ["wait"], ["wait", "--live", "-1"],
        ["wait", "--ready", "--timeout", "0"], ["why"], ["status", "n3"], ["check", "http://h"],
        ["check", "--json"], ["check", "--against", "--template"], ["bundle", "a", "b"],
    ])
    func `an invalid option or argument ends a command with 64`(
        arguments: [String]
    ) async throws {
        let shown = try await run(daemonExecutable(), arguments)
        Self.expect(64, "Usage: nova-federation \(arguments[0])", [shown])
    }

    @Test func `a node whose federation is off is named, and is not ready for status`()
        async throws
    {
        try await withNode(["FEDERATION_ENABLED": "0"]) { node in
            for query in Self.queries.prefix(7) {
                let code: Int32 = query == ["status"] ? 1 : 69
                let results = try await Self.codes(query, of: node.url)
                Self.expect(code, "is off: FEDERATION_ENABLED is not 1", results)
            }
        }
        let older = try ScriptedPeer(.answer(response(404, body: #"{"error":"not_found"}"#)))
        Self.expect(69, "the node is older", try await Self.codes(["status"], of: older.url))
    }

    @Test func `wait ends with 1 if the node does not respond in time`() async throws {
        let url = "http://127.0.0.1:\(try freePort())"
        for query in [["wait", "--ready"], ["wait", "--live", "1"]] {
            let results = try await Self.codes(query + ["--timeout", "0.3"], of: url)
            #expect(results.map(\.ending) == [.exit(1), .exit(1)])
            #expect(results[0].output.isEmpty)
            #expect(results[1].output.hasPrefix("{\"met\":false,\"unmet\":\"no response from"))
            #expect(results.allSatisfy { $0.log.contains("timed out after 0.3 s") })
        }
    }

    @Test func `with --json a command has the same exit code, and prints JSON only`() async throws {
        let good = try ScriptedPeer(.summary(nodeID: "node-good", gStar: 0.45))
        try await withNode(peers: ["good=\(good.url)", "gone=http://127.0.0.1:9"]) { node in
            _ = try await node.events("kind=peer_up", count: 1)
            _ = try await node.events("kind=peer_down", count: 1)
            let unmet = ["wait", "--live", "2", "--timeout", "0.3"]
            for (query, code) in [
                (["status"], 0), (["why", "good"], 0), (["why", "gone"], 1), (["events"], 0),
                (["bundle"], 0), (["wait", "--ready", "--live", "1"], 0), (unmet, 1),
            ] as [([String], Int32)] {
                let results = try await Self.codes(query, of: node.url)
                #expect(results.map(\.ending) == [.exit(code), .exit(code)], "\(query)")
                let lines = results[1].output.split(separator: "\n")
                #expect(query == ["events"] ? lines.count >= 3 : lines.count == 1, "\(query)")
                for line in lines {
                    let object = try JSONSerialization.jsonObject(with: Data(line.utf8))
                    #expect((object as? [String: Any])?.isEmpty == false, "\(query)")
                }
            }
        }
    }
}
