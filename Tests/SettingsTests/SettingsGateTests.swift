import Federation
import Testing

@testable import Settings

/// The settings that peer sync needs, and the warnings if one is missing.
struct SettingsGateTests {
    @Test(
        arguments: [
            ("0", "0", "", Mode.off, nil),
            (
                "0", "1", "", .off,
                "NOVA_FED_SYNC_ENABLED is 1, but FEDERATION_ENABLED is not 1: federation is off"
            ),
            (
                "0", "0", "http://a", .off,
                "1 peer is set, but FEDERATION_ENABLED is not 1: federation is off"
            ),
            (
                "0", "1", "http://a,http://b", .off,
                "NOVA_FED_SYNC_ENABLED is 1 and 2 peers are set, but FEDERATION_ENABLED is not 1: "
                    + "federation is off"
            ),
            ("1", "0", "", .singleNode, nil),
            (
                "1", "0", "http://a", .singleNode,
                "1 peer is set, but NOVA_FED_SYNC_ENABLED is not 1: nothing is pulled"
            ),
            (
                "1", "1", " , ", .singleNode,
                "NOVA_FED_SYNC_ENABLED is 1, but no peers are set: nothing is pulled"
            ),
            ("1", "1", "http://a", .peerSync, nil),
        ] as [(String, String, String, Mode, String?)]
    )
    func `peer sync needs three settings, and a warning names the missing one`(
        federation: String,
        sync: String,
        peers: String,
        mode: Mode,
        warning: String?
    ) throws {
        let loaded = try SettingsTests.load([
            "FEDERATION_ENABLED": federation, "NOVA_FED_SYNC_ENABLED": sync,
            "NOVA_FED_PEERS": peers,
        ])
        #expect(loaded.settings.mode == mode)
        #expect(loaded.warnings == [warning].compactMap(\.self))
    }

    @Test
    func `the notice for a single node explains that it is safe and what to add`() {
        #expect(Mode.singleNodeNotice.contains("single-node deployment is safe but yields no"))
        #expect(Mode.singleNodeNotice.contains("use 3 to 5 peers with varying scores"))
    }
}
