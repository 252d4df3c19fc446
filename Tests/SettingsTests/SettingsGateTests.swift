import Federation
import Testing

@testable import Settings

/// What of the federation runs, and what is said of it.
struct SettingsGateTests {
    @Test(
        arguments: [
            ("0", "0", "", Mode.off, nil),
            (
                "0", "1", "", .off,
                "FEDERATION_ENABLED is not 1, so federation is off and this has no effect: "
                    + "NOVA_FED_SYNC_ENABLED=1"
            ),
            (
                "0", "0", "http://a", .off,
                "FEDERATION_ENABLED is not 1, so federation is off and this has no effect: "
                    + "1 configured peer"
            ),
            (
                "0", "1", "http://a,http://b", .off,
                "FEDERATION_ENABLED is not 1, so federation is off and this has no effect: "
                    + "NOVA_FED_SYNC_ENABLED=1 and 2 configured peers"
            ),
            ("1", "0", "", .singleNode, nil),
            (
                "1", "0", "http://a", .singleNode,
                "nothing is pulled: peers are set, but NOVA_FED_SYNC_ENABLED is not 1"
            ),
            (
                "1", "1", " , ", .singleNode,
                "nothing is pulled: NOVA_FED_SYNC_ENABLED is 1, but no peers are set"
            ),
            ("1", "1", "http://a", .peerSync, nil),
        ] as [(String, String, String, Mode, String?)]
    )
    func `the gate has three conditions, and one warning says which is missing`(
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
    func `a single node is told that it is safe, and what it lacks`() {
        #expect(Mode.singleNodeNotice.contains("single-node deployment is safe but yields no"))
        #expect(Mode.singleNodeNotice.contains("3 to 5 peers with varying scores are needed"))
    }
}
