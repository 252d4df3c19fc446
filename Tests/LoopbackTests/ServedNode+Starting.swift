import Foundation
import TestSupport
import Testing

extension ServedNode {
    /// Starts it and waits until it serves.
    ///
    /// Federation, peer sync and metrics are on unless `settings` say otherwise; `peers` are items
    /// of `NOVA_FED_PEERS`, and a `port` of 0 is chosen by the system.
    init(peers: [String] = [], port: Int = 0, settings: [String: String] = [:]) async throws {
        let process = try ChildProcess(
            daemonExecutable(),
            ["serve"],
            environment: Self.environment(peers: peers, port: port)
                .merging(settings) { $1 }
        )
        self.init(process: process, port: try await Self.port(of: process))
    }

    /// What a node that synchronises with `peers` is set to.
    static func environment(peers: [String], port: Int) -> [String: String] {
        [
            "FEDERATION_ENABLED": "1",
            "FEDERATION_BIND": "127.0.0.1:\(port)",
            "NOVA_ENABLE_PROMETHEUS": "1",
            "NOVA_FED_DRAIN_SEC": "0",
            "NOVA_FED_PEERS": peers.joined(separator: ","),
            "NOVA_FED_SYNC_ENABLED": "1",
        ]
    }

    /// The port that a node says in its log that it serves on.
    static func port(of process: ChildProcess) async throws -> Int {
        let line = try await process.logLine(containing: "msg=serving")
        guard let port = line.field("address")?.split(separator: ":").last.flatMap({ Int($0) })
        else { throw TestTrouble("No port in the log line: \(line)") }
        return port
    }

    var url: String { "http://127.0.0.1:\(port)" }
    /// The label that its peers give it.
    var label: String { "127.0.0.1:\(port)" }

    /// A page, whatever its status.
    func get(_ path: String) async throws -> HTTPText {
        try await probe.get(path)
    }

    func health() async throws -> ServedHealth {
        try ServedHealth(await get("/federation/health").body)
    }

    func summary() async throws -> ServedSummary {
        try ServedSummary(await get("/federation/sync/summary").body)
    }

    func metrics() async throws -> ServedMetrics {
        ServedMetrics(try await get("/metrics").text)
    }

    /// The lines of its log that contain `part`.
    func logLines(_ part: String) -> [String] {
        process.log.split(separator: "\n").map(String.init).filter { $0.contains(part) }
    }

    /// Waits until its log has so many lines with `part`: a line comes a moment after its cause.
    ///
    /// - Returns: All that are there then; more than `count` if something was said too often.
    func logLines(_ part: String, count: Int) async -> [String] {
        await eventually("\(count) lines of the log have '\(part)'") {
            logLines(part).count >= count
        }
        return logLines(part)
    }

    /// Asks it to stop and waits for its end.
    func stop() async throws -> ChildProcess.Ending {
        process.send(SIGTERM)
        return try await process.waitForEnd()
    }
}

extension String {
    /// The value of a field of this line of logfmt, without quotes.
    func field(_ key: String) -> String? {
        guard let start = range(of: " \(key)=")?.upperBound else { return nil }
        let rest = self[start...]
        return rest.hasPrefix("\"")
            ? rest.dropFirst().split(separator: "\"").first.map(String.init)
            : rest.split(separator: " ").first.map(String.init)
    }
}
