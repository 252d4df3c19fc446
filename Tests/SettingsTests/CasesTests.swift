import Federation
import Foundation
import Testing

@testable import Settings

/// Small files as operators write them, with their results.
@Suite struct CasesTests {
    /// The path of a file in the folder Cases.
    static func path(_ name: String) -> String {
        URL(fileURLWithPath: #filePath).deletingLastPathComponent()
            .appendingPathComponent("Cases/\(name)").path
    }

    private func load(_ name: String) throws(SettingFaults) -> LoadedSettings {
        let path = Self.path(name)
        return name.hasSuffix(".env")
            ? try SettingsTests.load([:], file: path)
            : try SettingsTests.load(["NOVA_FED_PEERS_FILE": path])
    }

    @Test(
        arguments: [
            ("surrogate-pair.json", ["http://127.0.0.1:8101"], 0),
            ("merge-key.yaml", ["https://127.0.0.1:8101", "https://127.0.0.1:8102"], 0),
            ("same-target-twice.yaml", ["http://127.0.0.1:8101", "http://127.0.0.1:8102"], 1),
            ("shared.env", ["http://127.0.0.1:8101"], 0),
        ]
    )
    func `a valid file is read`(name: String, urls: [String], repeated: Int) throws {
        let loaded = try load(name)
        #expect(loaded.settings.peers.map(\.url) == urls)
        #expect(loaded.warnings.count { $0.contains(" repeats ") } == repeated)
        if name.hasSuffix(".env") { #expect(loaded.settings.mode == .peerSync) }
    }

    @Test(
        arguments: [
            ("empty.json", ":1: NOVA_FED_PEERS_FILE: is empty; write []"),
            ("labels-as-list.yaml", ":3: NOVA_FED_PEERS_FILE: 'labels' is not a mapping"),
            (
                "name-labels.yaml",
                ":4: NOVA_FED_PEERS_FILE='web server 1': the label 'name' is invalid"
            ),
        ]
    )
    func `an invalid file is refused with one fault`(
        name: String,
        fault: String
    ) {
        let faults = #expect(throws: SettingFaults.self) { try load(name) }
        #expect(faults?.lines.count == 1)
        #expect(faults?.lines.first?.hasPrefix(Self.path(name) + fault) == true)
    }
}
