import TestSupport
import Testing

/// The priority of each line on a standard error that is the journal.
@Suite struct JournalTests {
    /// Runs `serve` with JOURNAL_STREAM set to `value`; nil unsets it.
    ///
    /// In the value, `$d` and `$i` are the device and the inode of its standard error.
    private static func start(
        _ value: String?,
        _ settings: [String: String]
    ) throws -> ChildProcess {
        let script = """
            d=$(stat --dereference --format %d /proc/self/fd/2)
            i=$(stat --dereference --format %i /proc/self/fd/2)
            \(value.map { "export JOURNAL_STREAM=\"\($0)\"" } ?? "unset JOURNAL_STREAM")
            exec "$1" serve
            """
        return try ChildProcess(
            tool(named: "sh", package: "dash"),
            ["-ec", script, "sh", daemonExecutable()],
            environment: settings
        )
    }

    @Test(arguments: ["$d:$i", "1:$i", nil])
    func `each line of the log has its priority in the journal, and only there`(
        value: String?
    ) async throws {
        let isJournal = value == "$d:$i"
        let peers = ["gone=http://127.0.0.1:9"]
        let process = try Self.start(value, ServedNode.environment(peers: peers, port: 0))
        defer { process.kill() }
        _ = try await process.logLine(containing: "peer is down")
        let lines = process.log.split(separator: "\n")
        #expect(lines.allSatisfy { $0.hasPrefix("<") == isJournal })
        let down = lines.first { $0.contains("peer is down") }
        #expect(down?.hasPrefix(isJournal ? "<4>ts=" : "ts=") == true)
        let serving = lines.first { $0.contains("msg=serving") }
        #expect(serving?.hasPrefix(isJournal ? "<5>ts=" : "ts=") == true)
    }

    @Test(arguments: [
        "$d:$i", nil, "", ":", "$d", "$d:", ":$i", "$i:$d", "$d:1", "1:$i", "$d:$i ", " $d:$i",
        "$d:$i:0", "0$d:$i", "+$d:$i", "$d;$i", "0:0", "journal",
    ])
    func `an error has a priority only if JOURNAL_STREAM is the device and inode`(
        value: String?
    ) async throws {
        let process = try Self.start(value, ["NOVA_FED_SYNC_INTERVAL": "x", "NOVA_FED_PEERS": "h"])
        defer { process.kill() }
        #expect(try await process.waitForEnd() == .exit(78))
        let lines = process.log.split(separator: "\n")
        let prefix = value == "$d:$i" ? "<3>" : ""
        #expect(lines.count == 2)
        #expect(lines.allSatisfy { $0.hasPrefix(prefix + "environment: NOVA_FED_") })
    }
}
