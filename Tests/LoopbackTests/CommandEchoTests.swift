import Federation
import Foundation
import TestSupport
import Testing

@testable import JSON

/// What the commands print of untrusted text.
@Suite struct CommandEchoTests {
    private static func command(
        _ arguments: [String],
        environment: [String: String] = [:]
    ) async throws -> ProcessResult {
        try await run(try daemonExecutable(), arguments, environment: environment)
    }

    @Test func `pull --json prints no control or invisible characters`() async throws {
        let marks = "a\u{202E}b\u{2066}c\u{200F}d\u{61C}e\u{2028}f\u{E0041}g"
        let peer = try ScriptedPeer(.summary(nodeID: marks, version: marks))
        let finished = try await Self.command(["pull", "--json", peer.url])
        #expect(finished.ending == .exit(0))
        #expect(finished.output.dropLast().unicodeScalars.allSatisfy { $0.isVisible })
        let read = try JSONSerialization.jsonObject(with: Data(finished.output.utf8))
        let row = try #require((read as? [[String: Any]])?.first)
        // Escaped, not replaced: a reader of the JSON gets what the peer sent.
        #expect(row["node_id"] as? String == marks && row["version"] as? String == marks)
    }

    @Test func `a version with a control character is rejected and not printed`() async throws {
        let peer = try ScriptedPeer(.summary(nodeID: "a", version: "16\\u001b[2J"))
        let finished = try await Self.command(["pull", "--json", peer.url])
        #expect(finished.ending == .exit(1))
        #expect(finished.output.contains(#""reason":"out_of_range""#))
        #expect(finished.output.contains("version must be a string of at most 128"))
        #expect(!finished.output.contains("[2J"))
    }

    static let echoed: [(arguments: [String], environment: [String: String])] = [
        (["pull", "ftp://a\u{1B}[2J\u{202E}"], [:]),
        (["pull", "http://a\u{202E}b"], [:]),
        (["check", "--config", "/nowhere/\u{1B}[2J\u{202E}"], [:]),
        (["check"], ["FEDERATION_BIND": "\u{1B}[2J\u{202E}:1"]),
        (["check"], ["NOVA_FED_PEERS": "a\u{1B}[2J\u{202E}=http://b"]),
        (["check"], ["NOVA_VERSION": "1\u{202E}2", "NOVA_FED_STATE_DIR": "/tmp/\u{1B}[2J"]),
        (["check"], ["NOVA_FED_P\u{1B}[2J": "1"]),
        (["check", "--a\u{1B}[2J\u{202E}"], [:]),
        (["dance\u{1B}[2J\u{202E}"], [:]),
        (["demo", "--port", "\u{1B}[2J\u{202E}"], [:]),
    ]

    @Test(arguments: echoed.indices)
    func `a command prints no control or invisible characters of its input`(index: Int) async throws
    {
        let (arguments, environment) = Self.echoed[index]
        let finished = try await Self.command(arguments, environment: environment)
        let shown = (finished.output + finished.log).unicodeScalars
        #expect(!shown.isEmpty && shown.allSatisfy { $0 == "\n" || $0.isVisible })
    }
}
