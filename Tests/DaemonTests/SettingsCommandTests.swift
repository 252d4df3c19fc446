import Foundation
import TestSupport
import Testing

@testable import Daemon
@testable import Settings

/// `check`, `version` and invalid usage of the real executable.
struct SettingsCommandTests {
    private static func command(
        _ arguments: [String],
        environment: [String: String] = [:]
    ) async throws -> ProcessResult {
        try await run(daemonExecutable(), arguments, environment: environment)
    }

    @Test
    func `check shows the effective settings and their origins`() async throws {
        let scratch = try TemporaryDirectory()
        let file = try scratch.write(
            """
            FEDERATION_ENABLED=1
            NOVA_FED_SYNC_ENABLED=1
            NOVA_FED_SYNC_INTERVAL=20
            NOVA_FED_PEERS=east=http://10.0.0.1:8100,http://10.0.0.2:8100
            NOVA_FED_DRAIN=3
            """,
            to: "nova.env"
        )
        let result = try await Self.command(
            ["check", "--config", file],
            environment: ["NOVA_FED_SYNC_INTERVAL": "10"]
        )
        #expect(result.ending == .exit(0))
        #expect(result.log.isEmpty)
        let lines = result.output.split(separator: "\n")
            .map { $0.split(separator: " ").joined(separator: " ") }
        for line in [
            "FEDERATION_ENABLED 1 \(file):1", "NOVA_FED_SYNC_INTERVAL 10 environment",
            "NOVA_FED_SYNC_TIMEOUT 2.5 derived", "NOVA_FED_MAX_BODY 65536 default",
            "peer east http://10.0.0.1:8100", "peer 10.0.0.2:8100 http://10.0.0.2:8100",
            "mode peer sync", "peers 2",
            "pull deadline 2.5 s",
            "dead peers tolerated all (256 in flight x 10 s / 2.5 s = 1024)",
            "note: \(file):3: NOVA_FED_SYNC_INTERVAL is masked by the environment",
            "warning: \(file):5: NOVA_FED_DRAIN is not a setting",
        ] {
            #expect(lines.contains { $0.hasPrefix(line) }, "\(line)\n\(result.output)")
        }
    }

    @Test
    func `check reports all faults on standard error and exits with 78`() async throws {
        let result = try await Self.command(
            ["check"],
            environment: ["NOVA_FED_SYNC_INTERVAL": "x", "NOVA_FED_PEERS": "h"]
        )
        #expect(result.ending == .exit(78))
        #expect(result.output.isEmpty)
        #expect(
            result.log == """
                environment: NOVA_FED_SYNC_INTERVAL='x': allowed: 0.1 to 3600 seconds
                environment: NOVA_FED_PEERS='h': has no scheme; did you mean http://h?

                """
        )
    }

    @Test(arguments: [
        ["--nonsense"], ["check", "--nonsense"], ["check", "--config"], ["nonsense"],
        ["check", "--template", "--config", "nova.env"],
    ])
    func `invalid usage exits with 64`(arguments: [String]) async throws {
        let result = try await Self.command(arguments)
        #expect(result.ending == .exit(64))
        #expect(result.log.contains("Usage: nova-federation"))
    }

    @Test
    func `version prints the name and the version in VERSION`() async throws {
        let result = try await Self.command(["version"])
        #expect(result.ending == .exit(0))
        #expect(result.output == "nova-federation \(try productVersion())\n")
    }

    @Test
    func `check lists twenty peers and counts the others`() throws {
        let environment = [
            "NOVA_FED_PEERS": (0..<23).map { "http://10.0.0.\($0):8100" }.joined(separator: ",")
        ]
        let report = SettingsReport(of: try load(environment)).text
        let lines = report.split(separator: "\n")
        #expect(lines.count { $0.hasPrefix("peer ") } == SettingsReport.maximumPeers)
        #expect(lines.contains("and 3 more peers"))
    }

    @Test
    func `help explains every setting`() async throws {
        let result = try await Self.command(["check", "--help"])
        #expect(result.ending == .exit(0))
        for setting in SettingsTable.all {
            #expect(result.output.contains(setting.key))
        }
        // The lines are wrapped.
        let words = result.output.split(whereSeparator: \.isWhitespace).joined(separator: " ")
        #expect(words.contains("timeout / interval of one"))
    }

    @Test
    func `the template explains every setting and sets none`() async throws {
        let result = try await Self.command(["check", "--template"])
        #expect(result.ending == .exit(0))
        let lines = result.output.split(separator: "\n")
        #expect(lines.allSatisfy { $0.hasPrefix("#") })
        let keys = lines.filter { $0.wholeMatch(of: /#\w+=/) != nil }
        #expect(keys.map(String.init) == SettingsTable.all.map { "#\($0.key)=" })
        let paragraphs = result.output.components(separatedBy: "\n\n")
            .map { $0.replacing("\n# ", with: " ").trimmingCharacters(in: .newlines) }
        for setting in SettingsTable.all {
            let explanation = """
                # \(setting.explanation) allowed: \(setting.allowed) default: \(setting.fallback)
                #\(setting.key)=
                """
            #expect(paragraphs.contains(explanation), "\(setting.key)")
        }
    }

    @Test
    func `a line of the template sets its key once it is uncommented and filled in`() throws {
        let scratch = try TemporaryDirectory()
        let template = SettingsReference.template
        let filled = template.replacing("\n#NOVA_FED_DRAIN_SEC=", with: "\nNOVA_FED_DRAIN_SEC=7")
        let loaded = try load([:], file: scratch.write(filled, to: "filled.env"))
        #expect(loaded.settings.drain == .seconds(7))
        // A blank value is unset.
        let blank = template.replacing(/\n#(\w+=)/) { "\n\($0.output.1)" }
        #expect(blank.contains("\nFEDERATION_ENABLED=\n"))
        _ = try load([:], file: scratch.write(blank, to: "blank.env"))
    }

    @Test
    func `the settings page contains the table of settings`() throws {
        let path = "\(packageRoot)/docs/settings.md"
        let page = try String(contentsOfFile: path, encoding: .utf8)
        let introduction = page.components(separatedBy: "| key | default |")[0]
        let expected = introduction + SettingsReference.markdown
        if ProcessInfo.processInfo.environment["UPDATE_FIXTURES"] == "1" {
            try Data(expected.utf8).write(to: URL(fileURLWithPath: path))
            Issue.record("docs/settings.md was written: review it and run again")
        }
        #expect(page == expected)
    }
}
