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

    /// The settings of a node that pulls `peers`.
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

    /// The port on which a node serves, from its log.
    static func port(of process: ChildProcess) async throws -> Int {
        let line = try await process.logLine(containing: "msg=serving")
        guard let port = line.field("address")?.split(separator: ":").last.flatMap({ Int($0) })
        else { throw TestError("No port in the log line: \(line)") }
        return port
    }

    /// Settings with short intervals, so that the window is full and memory is at its level soon.
    ///
    /// At the minimum window of three intervals, the third change of an id would be at its edge.
    static func shortIntervals(interval: Double, timeout: Double) -> [String: String] {
        [
            "NOVA_FED_MAX_AGE_SEC": "\(interval * 2)",
            "NOVA_FED_SYNC_INTERVAL": "\(interval)",
            "NOVA_FED_SYNC_TIMEOUT": "\(timeout)",
            "NOVA_FED_WINDOW_SEC": "\(interval * 4)",
            "NOVA_NODE_ID": "nova-under-test",
        ]
    }

    var url: String { "http://127.0.0.1:\(port)" }
    /// The label under which other nodes know it.
    var label: String { "127.0.0.1:\(port)" }

    /// A page, whatever its status.
    func get(_ path: String) async throws -> HTTPMessage {
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

    /// Waits until its log has `count` lines with `part`, because a line follows its cause later.
    ///
    /// - Returns: All these lines, more than `count` if something was logged too often.
    func logLines(_ part: String, count: Int) async -> [String] {
        await eventually("the log has \(count) lines with '\(part)'") {
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
