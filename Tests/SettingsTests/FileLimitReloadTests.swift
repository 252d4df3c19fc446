import Federation
import TestSupport
import Testing

@testable import Settings

/// Reloads with more peers under a small limit of open files.
struct FileLimitReloadTests {
    private static let howToRaise = "with ulimit -n or LimitNOFILE= in the unit, then restart"
    private let directory: TemporaryDirectory

    init() throws {
        directory = try TemporaryDirectory()
    }

    private func load(
        _ peers: Int,
        _ file: String = "",
        after: Settings? = nil,
        fileLimit: Int = 256
    ) throws -> LoadedSettings {
        let list = (0..<peers).map { "http://10.0.\($0 >> 8).\($0 & 255):1\n" }.joined()
        let path = try directory.write(peers == 0 ? "[]\n" : list, to: "peers")
        return try Settings.load(
            environment: ["FEDERATION_ENABLED": "1", "NOVA_FED_SYNC_ENABLED": "1"],
            file: try directory.write("NOVA_FED_PEERS_FILE=\(path)\n" + file, to: "nova.env"),
            fileLimit: fileLimit,
            running: after
        )
    }

    @Test func `defaults reduced by the limit of open files are noted with the limit they need`()
        throws
    {
        let loaded = try load(20)
        #expect(loaded.settings.maxConnections == 96 && loaded.settings.maxInFlight == 96)
        #expect(
            loaded.notes == [
                "the limit of open files (RLIMIT_NOFILE) is 256, so NOVA_FED_MAX_CONNECTIONS is 96 "
                    + "instead of 4096 and NOVA_FED_MAX_IN_FLIGHT is 96 instead of 256; the usual "
                    + "defaults need at least 8192; raise it \(Self.howToRaise)"
            ]
        )
        #expect(loaded.warnings == [])
        let set = try load(20, "NOVA_FED_MAX_CONNECTIONS=20\nNOVA_FED_MAX_IN_FLIGHT=20\n")
        #expect(set.notes == [])
    }

    @Test func `a derived default never needs a restart`() throws {
        let first = try load(20)
        let second = try load(2_000, after: first.settings)
        #expect(second.pendingRestart == [])
        #expect(second.settings.maxConnections == 96 && second.settings.maxInFlight == 34)
        #expect(
            second.warnings == [
                "NOVA_FED_MAX_IN_FLIGHT is 34, the most that a limit of open files (RLIMIT_NOFILE) "
                    + "of 256 allows; pulls are missed if more than 408 of 2000 peers are dead; "
                    + "all 2000 need at least 167; raise the limit of open files to at least 524 "
                    + Self.howToRaise
            ]
        )
        let raised = try load(2_000, fileLimit: 524)
        #expect(raised.settings.maxInFlight == 167 && raised.warnings == [])
        // A value that was set and is now unset needs a restart.
        let set = try load(20, "NOVA_FED_MAX_CONNECTIONS=90\n")
        #expect(try load(20, after: set.settings).pendingRestart == ["NOVA_FED_MAX_CONNECTIONS"])
        let other = try load(20, "NOVA_FED_MAX_CONNECTIONS=90\n", after: first.settings)
        #expect(other.pendingRestart == ["NOVA_FED_MAX_CONNECTIONS"])
        let third = try load(20, after: other.settings)
        #expect(third.pendingRestart == [])
    }

    @Test(
        arguments: [
            (
                4_000, "",
                "system: RLIMIT_NOFILE: the limit of open files is 256; allowed: at least 305 with "
                    + "4000 peers beside the listener's 96 connections; restart, which reserves "
                    + "fewer for the listener, or raise it \(howToRaise)"
            ),
            (
                7_000, "",
                "system: RLIMIT_NOFILE: the limit of open files is 256; allowed: at least 322 with "
                    + "7000 peers; raise it \(howToRaise)"
            ),
            (
                2_000, "NOVA_FED_MAX_IN_FLIGHT=60\n",
                "NOVA_FED_MAX_IN_FLIGHT='60': the limit of open files (RLIMIT_NOFILE) is 256; 96 "
                    + "listener connections and 126 other files leave 34 pulls in flight; lower "
                    + "NOVA_FED_MAX_CONNECTIONS or NOVA_FED_MAX_IN_FLIGHT, or raise the limit to "
                    + "at least 290 \(howToRaise)"
            ),
        ]
    )
    func
        `a reload with too many peers names the limit of open files that they need`(
            peers: Int,
            file: String,
            reason: String
        ) throws
    {
        let first = try load(20)
        let faults = #expect(throws: SettingFaults.self) {
            try load(peers, file, after: first.settings)
        }
        #expect(faults?.lines.count == 1)
        #expect(faults?.lines.first?.hasSuffix(reason) == true, "\(faults?.lines ?? [])")
    }
}
