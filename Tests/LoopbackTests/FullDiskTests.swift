import Foundation
import Glibc
import TestSupport
import Testing

/// A node whose log is on a disk that fills up.
@Suite struct FullDiskTests {
    /// Mounts a small disk at its first argument, fills most of it, and runs a node logging there.
    private static let script = """
        mount -t tmpfs -o size=4m none "$1"
        head -c 4140000 /dev/zero >"$1/filler"
        exec "$2" serve 2>>"$1/log"
        """

    @Test func `with a full disk the log has complete lines and reports the gap`() async throws {
        let folder = try TemporaryDirectory()
        let disk = try folder.folder("disk")
        let count = 3_000
        let peers = (0..<count).map { "http://127.4.\($0 / 250).\($0 % 250 + 1):9" }
        try folder.replace("peers", with: peers.joined(separator: "\n"))
        let port = try freePort()
        let process = try MountNamespace.start(
            Self.script,
            [disk, daemonExecutable()],
            environment: ServedNode.environment(peers: [], port: port)
                .merging(
                    [
                        "NOVA_FED_PEERS_FILE": folder.file("peers"),
                        "NOVA_FED_SYNC_INTERVAL": "60",
                    ]
                ) { $1 }
        )
        defer { process.kill() }
        let node = ServedNode(process: process, port: port)
        let dropped = "nova_federation_log_records_dropped_total"
        await eventually("it drops records", within: .seconds(30)) {
            // Refused until it listens.
            guard let page = try? await node.page("/metrics") else { return false }
            return (ServedNode.series(dropped, in: page)[""] ?? 0) > 100
        }
        // The disk is visible in the namespace of the node only.
        let mounted = "/proc/\(process.pid)/root\(disk)"
        let log = { (try? String(contentsOfFile: mounted + "/log", encoding: .utf8)) ?? "" }
        #expect(!log().isEmpty)
        await eventually("all pulls have ended", within: .seconds(30)) {
            let page = try? await node.page("/metrics")
            let ended = page.map { ServedNode.series("nova_federation_pull_result_total", in: $0) }
            return ended?.values.reduce(0, +) == Double(count)
        }
        try FileManager.default.removeItem(atPath: mounted + "/filler")
        let message = "msg=\"dropped log records: standard error could not be written\""
        await eventually("the gap is reported") { log().contains(message) && log().hasSuffix("\n") }
        let lines = log().split(separator: "\n").map(String.init)
        for line in lines {
            #expect(line.hasPrefix("ts=") && line.components(separatedBy: " level=").count == 2)
        }
        let reported = lines.filter { $0.contains(message) }.compactMap { $0.field("count") }
        let total = ServedNode.series(dropped, in: try await node.page("/metrics"))[""]
        #expect(Double(reported.compactMap { Int($0) }.reduce(0, +)) == total)
        #expect(lines.contains { $0.field("error") == "No space left on device" })
        #expect(try await node.stop() == .exit(0))
    }
}
