import Federation
import Foundation
import TestSupport
import Testing

@testable import Settings

/// Reloads, which compare new settings with the settings in force.
struct SettingsReloadTests {
    private let directory: TemporaryDirectory

    init() throws {
        directory = try TemporaryDirectory()
    }

    private func load(_ file: String, running: Settings? = nil) throws -> LoadedSettings {
        try Settings.load(
            environment: [:],
            file: try directory.write(file, to: "nova.env"),
            fileLimit: 20_000,
            running: running
        )
    }

    @Test
    func `settings that need a restart are kept and named, all others are applied`() throws {
        let first = try load("NOVA_NODE_ID=one\nFEDERATION_BIND=127.0.0.1:1\n")
        let second = try load(
            """
            NOVA_NODE_ID=two
            FEDERATION_ENABLED=1
            NOVA_FED_SYNC_INTERVAL=60
            NOVA_FED_DRAIN_SEC=7

            """,
            running: first.settings
        )
        #expect(second.pendingRestart == ["FEDERATION_ENABLED", "NOVA_NODE_ID", "FEDERATION_BIND"])
        #expect(second.settings.nodeID == "one")
        #expect(second.settings.bind.port == 1)
        #expect(!second.settings.isFederationEnabled)
        #expect(second.settings.interval == .seconds(60))
        #expect(second.settings.window == .seconds(600))
        #expect(second.settings.drain == .seconds(7))
        // A second reload still reports the pending restart.
        let third = try load("NOVA_NODE_ID=two\n", running: second.settings)
        #expect(third.pendingRestart == ["NOVA_NODE_ID", "FEDERATION_BIND"])
    }

    @Test
    func `the rules must hold for the settings in force and for those of a restart`() throws {
        let first = try load("NOVA_FED_MAX_CONNECTIONS=18000\n")
        let file = "NOVA_FED_MAX_CONNECTIONS=100\nNOVA_FED_MAX_IN_FLIGHT=10000\n"
        _ = try load(file)
        #expect(throws: SettingFaults.self) { try load(file, running: first.settings) }
        // It is valid until the restart, but would prevent that start.
        let small = try load("")
        let tooMany = "NOVA_FED_MAX_CONNECTIONS=20000\n"
        #expect(throws: SettingFaults.self) { try load(tooMany) }
        #expect(throws: SettingFaults.self) { try load(tooMany, running: small.settings) }
    }

    @Test
    func `derived values follow the settings in force, not those pending a restart`()
        throws
    {
        let peers = try directory.write(
            (0..<50_000).map { "http://10.\($0 >> 16).\($0 >> 8 & 255).\($0 & 255):1\n" }.joined(),
            to: "peers"
        )
        let first = try load("NOVA_FED_MAX_CONNECTIONS=17000\n")
        let second = try load(
            "NOVA_FED_MAX_CONNECTIONS=100\nNOVA_FED_PEERS_FILE=\(peers)\n",
            running: first.settings
        )
        #expect(second.settings.maxConnections == 17_000)
        #expect(second.settings.maxInFlight == second.settings.allowedInFlight)
        #expect(second.pendingRestart == ["NOVA_FED_MAX_CONNECTIONS"])
    }

    @Test(.timeLimit(.minutes(1)), arguments: ["pipe", "terminal", "directory"])
    func `a file that is not regular is refused, at startup and at a reload`(
        kind: String
    ) async throws {
        let (path, reason): (String, String)
        switch kind {
        case "pipe":
            path = directory.file("pipe")
            _ = try await run("/usr/bin/mkfifo", [path])
            reason = "is a pipe; allowed: a regular file"
        case "terminal": (path, reason) = ("/dev/tty", "is a device; allowed: a regular file")
        default: (path, reason) = (directory.path, "is a directory; allowed: a regular file")
        }
        let first = try load("")
        for running in [nil, first.settings] {
            for key in ["NOVA_FED_PEERS_FILE", "NOVA_FED_CA_FILE"] {
                let faults = #expect(throws: SettingFaults.self) {
                    try load("\(key)=\(path)\n", running: running)
                }
                #expect(faults?.lines.first?.hasSuffix("\(key)='\(path)': \(reason)") == true)
            }
            let faults = #expect(throws: SettingFaults.self) {
                try Settings.load(
                    environment: [:],
                    file: path,
                    fileLimit: 20_000,
                    running: running
                )
            }
            #expect(faults?.lines == ["\(path): --config='\(path)': \(reason)"])
        }
    }

    @Test func `/dev/null is an empty settings file, at startup and at every reload`() throws {
        var running: Settings?
        for _ in 0..<3 {
            running =
                try Settings.load(
                    environment: ["NOVA_FED_DRAIN_SEC": "1"],
                    file: "/dev/null",
                    fileLimit: 20_000,
                    running: running
                )
                .settings
        }
        #expect(running?.drain == .seconds(1))
    }

    /// A peers file, a truncated version of it, and the reason of the fault.
    private struct Cut {
        var name: String
        var whole: String
        var cut: String
        var reason: String

        init(_ name: String, _ whole: String, _ cut: String, _ reason: String) {
            (self.name, self.whole, self.cut, self.reason) = (name, whole, cut, reason)
        }
    }

    private static let twoInJSON = "[{\"targets\": [\"a:1\", \"b:1\"]}]"
    private static let twoInYAML = "- targets:\n  - a:1\n  - bcd:1\n"
    private static let unended = "ends without a line feed"

    private static let cuts = [
        Cut("p.json", twoInJSON, "", "write [] for a list without"),
        Cut("p.json", twoInJSON, " \n", "write [] for a list without"),
        Cut("p.json", twoInJSON, "[{\"targets\": []}]", "write []"),
        Cut("p.yml", "- targets: [a:1]\n", "# from discovery\n", "remove 1 peers; write []"),
        Cut("p.yml", "- targets: [a:1]\n", "- targets: []\n", "write []"),
        Cut("p.yml", twoInYAML, "- targets:\n  - a:1\n  - bc", unended),
        Cut("p.yml", secure, secure.dropLast(6) + "http", unended),
        Cut("p.yml", secure, String(secure.dropLast(7)), "'__scheme__' has no value"),
        Cut("p.yml", secure, String(secure.dropLast(20)), unended),
        Cut("p.yml", secure, String(secure.dropLast(24)), unended),
        Cut("p.yml", secure, String(secure.dropLast(44)), unended),
        Cut("p", "http://a:1\nhttp://b:1\n", "", "remove 2 peers; write []"),
        Cut("p", "http://a:1\n", "# from discovery\n", "remove 1 peers; write []"),
        Cut(
            "p",
            "http://a:1\nhttp://b:8100\n",
            "http://a:1\nhttp://b:81",
            "truncated http://b:8100"
        ),
    ]

    @Test(arguments: cuts.indices)
    func `a truncated peers file keeps the peers until it is complete`(
        index: Int
    ) throws {
        let row = Self.cuts[index]
        let (name, whole, cut, reason) = (row.name, row.whole, row.cut, row.reason)
        let peers = try directory.write(whole, to: name)
        let file = "NOVA_FED_PEERS_FILE=\(peers)\n"
        let first = try load(file)
        try directory.overwrite(name, with: cut)
        let byWatch = #expect(throws: SettingFaults.self) { try first.withPeersReread() }
        #expect(
            byWatch?.lines.count == 1 && byWatch?.lines[0].contains(reason) == true,
            "\(byWatch?.lines ?? [])"
        )
        #expect(throws: SettingFaults.self) { try load(file, running: first.settings) }
        try directory.overwrite(name, with: whole)
        #expect(try first.withPeersReread().settings.peers == first.settings.peers)
        try directory.overwrite(name, with: "[]\n")
        #expect(try first.withPeersReread().settings.peers.isEmpty)
    }

    private static let secure = """
        - targets: ["a:1"]
          labels:
            name: abc
            __scheme__: https

        """

    @Test func `peers that change from https to http cause a warning`() throws {
        let peers = try directory.write(Self.secure, to: "p.yml")
        let file = "NOVA_FED_PEERS_FILE=\(peers)\n"
        let first = try load(file)
        try directory.overwrite("p.yml", with: "- targets: [\"a:1\"]\n")
        let second = try load(file, running: first.settings)
        let warning = "1 peers change from https to http, including https://a:1"
        #expect(second.warnings.contains(warning), "\(second.warnings)")
    }

    @Test(arguments: ["NOVA_FED_PEERS_FILE=/dev/null\n", "NOVA_FED_DRAIN_SEC=1\n"])
    func `settings without peers are refused unless they state it`(cut: String) throws {
        let peers = try directory.write("http://a:1\n", to: "peers")
        let first = try load("NOVA_FED_PEERS_FILE=\(peers)\n")
        let faults = #expect(throws: SettingFaults.self) { try load(cut, running: first.settings) }
        #expect(faults?.lines.count == 1, "\(faults?.lines ?? [])")
        for stated in ["NOVA_FED_PEERS=\n", "FEDERATION_ENABLED=0\n"] {
            let without = try load(
                "NOVA_FED_DRAIN_SEC=1\n" + stated,
                running: first.settings
            )
            #expect(without.settings.peers.isEmpty)
        }
    }

    @Test func `a settings file that ends inside a URL is refused`() throws {
        let first = try load("NOVA_FED_PEERS=http://a:1,http://b:8100\n")
        let cut = "NOVA_FED_PEERS=http://a:1,http://b:8"
        let faults = #expect(throws: SettingFaults.self) { try load(cut, running: first.settings) }
        #expect(faults?.lines.first?.contains("truncated http://b:8100") == true)
        #expect(try load(cut + "\n", running: first.settings).settings.peers.count == 2)
    }

    @Test(arguments: ["", "\n", "# cut\n"])
    func `an empty settings file keeps the peers`(cut: String) throws {
        let first = try load("NOVA_FED_PEERS=http://a,http://b\n")
        let faults = #expect(throws: SettingFaults.self) { try load(cut, running: first.settings) }
        #expect(faults?.lines.count == 1)
        #expect(faults?.lines.first?.contains("would remove all 2 peers") == true)
        let without = try load("NOVA_FED_SYNC_ENABLED=0\n", running: first.settings)
        #expect(without.settings.peers.isEmpty)
        #expect(try load(cut, running: without.settings).settings.peers.isEmpty)
    }

    @Test
    func `a change of the peers file does not read the certificates`() throws {
        let authorities = try directory.write(
            String(contentsOfFile: CasesTests.path("authority.pem"), encoding: .utf8),
            to: "ca"
        )
        let peers = try directory.write("http://a:1\n", to: "peers")
        let first = try load("NOVA_FED_PEERS_FILE=\(peers)\nNOVA_FED_CA_FILE=\(authorities)\n")
        try directory.overwrite("ca", with: "")
        try directory.overwrite("peers", with: "http://b:1\n")
        #expect(try first.withPeersReread().settings.peers.map(\.host) == ["b"])
    }

    @Test
    func `every changed setting is either applied or named`() throws {
        let changes = [
            "NOVA_FED_LOCAL_SOURCE=file:/x", "NOVA_FED_STATE_DIR=/x", "NOVA_FED_LOG_FORMAT=json",
            "NOVA_FED_MAX_CONNECTIONS=77", "NOVA_FED_MAX_CONNECTIONS_PER_ADDRESS=7",
            "NOVA_FED_MAX_RESPONSE_BYTES=2000000",
            "NOVA_FED_MAX_BODY=2048", "NOVA_FED_TLS_MIN_VERSION=1.3", "NOVA_VERSION=9",
            "NOVA_ENABLE_PROMETHEUS=1",
            "NOVA_FED_METRIC_ALIASES=1", "NOVA_FED_LOG_LEVEL=debug", "NOVA_WISDOM_Q=0.5",
            "NOVA_WISDOM_POLL_INTERVAL=3", "NOVA_FED_PEERS=http://a", "NOVA_FED_SYNC_ENABLED=1",
            "NOVA_FED_MAX_IN_FLIGHT=99", "NOVA_FED_QUALITY_W1=3", "NOVA_WISDOM_G_CONTEXT=solo",
        ]
        let first = try load("")
        let second = try load(changes.joined(separator: "\n"), running: first.settings)
        let changed = SettingsTable.all
            .filter { $0.show(first.settings) != $0.show(second.settings) }.map(\.key)
        let given = changes.map { String($0.prefix { $0 != "=" }) }
        #expect(Set(changed).isDisjoint(with: second.pendingRestart))
        #expect(Set(changed + second.pendingRestart) == Set(given))
    }

    @Test
    func `a change of the peers file does not read an incomplete settings file`() throws {
        let peers = try directory.write("http://a:1\n", to: "peers")
        let first = try load("NOVA_FED_PEERS_FILE=\(peers)\nNOVA_FED_SYNC_INTERVAL=7\n")
        try directory.overwrite("nova.env", with: "NOVA_FED_SYNC_INTERVAL=")
        try directory.overwrite("peers", with: "http://b:1\nhttp://c:1\n")
        let second = try first.withPeersReread()
        #expect(second.settings.peers.map(\.host) == ["b", "c"])
        #expect(second.settings.interval == .seconds(7))
        #expect(second.peersFile != first.peersFile)
        #expect(second.pendingRestart.isEmpty)
        try directory.overwrite("peers", with: "http://b:1\nnonsense:\n")
        #expect(throws: SettingFaults.self) { try second.withPeersReread() }
    }
}
