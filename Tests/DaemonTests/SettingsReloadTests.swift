import Federation
import TestSupport
import Testing

@testable import Daemon

/// What a reload makes of the files, compared with the settings in force.
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
    func `what needs a restart stays as it is and is named, all else is taken over`() throws {
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
        #expect(second.waiting == ["FEDERATION_ENABLED", "NOVA_NODE_ID", "FEDERATION_BIND"])
        #expect(second.settings.nodeID == "one")
        #expect(second.settings.bind.port == 1)
        #expect(!second.settings.isFederationEnabled)
        #expect(second.settings.interval == .seconds(60))
        #expect(second.settings.window == .seconds(600))
        #expect(second.settings.drain == .seconds(7))
        // Once more is the same: it still waits for a restart.
        let third = try load("NOVA_NODE_ID=two\n", running: second.settings)
        #expect(third.waiting == ["NOVA_NODE_ID", "FEDERATION_BIND"])
    }

    @Test
    func `the rules hold for what is then in force, not for what waits for a restart`() throws {
        let first = try load("NOVA_FED_MAX_CONNECTIONS=18000\n")
        let file = "NOVA_FED_MAX_CONNECTIONS=100\nNOVA_FED_MAX_IN_FLIGHT=10000\n"
        _ = try load(file)
        #expect(throws: SettingFaults.self) { try load(file, running: first.settings) }
    }

    @Test
    func `every setting is either taken over or named`() throws {
        let changes = [
            "NOVA_FED_LOCAL_SOURCE=file:/x", "NOVA_FED_STATE_DIR=/x", "NOVA_FED_LOG_FORMAT=json",
            "NOVA_FED_MAX_CONNECTIONS=77", "NOVA_FED_MAX_CONNECTIONS_PER_ADDRESS=7",
            "NOVA_FED_MAX_BODY=2048", "NOVA_VERSION=9", "NOVA_ENABLE_PROMETHEUS=1",
            "NOVA_FED_METRIC_ALIASES=1", "NOVA_FED_LOG_LEVEL=debug", "NOVA_WISDOM_Q=0.5",
            "NOVA_WISDOM_POLL_INTERVAL=3", "NOVA_FED_PEERS=http://a", "NOVA_FED_SYNC_ENABLED=1",
            "NOVA_FED_MAX_IN_FLIGHT=99", "NOVA_FED_QUALITY_W1=3", "NOVA_WISDOM_G_CONTEXT=solo",
        ]
        let first = try load("")
        let second = try load(changes.joined(separator: "\n"), running: first.settings)
        let changed = SettingsTable.all
            .filter { $0.show(first.settings) != $0.show(second.settings) }.map(\.key)
        let given = changes.map { String($0.prefix { $0 != "=" }) }
        #expect(Set(changed).isDisjoint(with: second.waiting))
        #expect(Set(changed + second.waiting) == Set(given))
    }

    @Test
    func `a change of the peers file alone leaves an unfinished settings file unread`() throws {
        let peers = try directory.write("http://a:1\n", to: "peers")
        let first = try load("NOVA_FED_PEERS_FILE=\(peers)\nNOVA_FED_SYNC_INTERVAL=7\n")
        try directory.overwrite("nova.env", with: "NOVA_FED_SYNC_INTERVAL=")
        try directory.overwrite("peers", with: "http://b:1\nhttp://c:1\n")
        let second = try first.withPeersReread()
        #expect(second.settings.peers.map(\.host) == ["b", "c"])
        #expect(second.settings.interval == .seconds(7))
        #expect(second.peersFile != first.peersFile)
        #expect(second.waiting.isEmpty)
        try directory.overwrite("peers", with: "http://b:1\nnonsense:\n")
        #expect(throws: SettingFaults.self) { try second.withPeersReread() }
    }
}
