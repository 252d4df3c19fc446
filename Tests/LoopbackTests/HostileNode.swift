import Foundation
import TestSupport
import Testing

/// A running daemon that pulls hostile peers, and what it says of them.
struct HostileNode {
    let daemon: ChildProcess
    private let probe: HTTPProbe

    /// A daemon that was just started; waits until it serves.
    init(_ daemon: ChildProcess) async throws {
        self.daemon = daemon
        let line = try await daemon.logLine(containing: "msg=serving")
        guard let address = Self.field("address", of: line),
            let port = address.split(separator: ":").last.flatMap({ Int($0) })
        else { throw TestTrouble("No address in '\(line)'.") }
        probe = HTTPProbe(port: port)
    }

    /// What a daemon is started with that pulls `peers` (each `name=URL`) at short intervals.
    static func environment(
        peers: [String],
        interval: Double,
        timeout: Double,
        more: [String: String] = [:]
    ) -> [String: String] {
        [
            "FEDERATION_ENABLED": "1", "NOVA_FED_SYNC_ENABLED": "1",
            "NOVA_ENABLE_PROMETHEUS": "1", "FEDERATION_BIND": "127.0.0.1:0",
            "NOVA_FED_PEERS": peers.joined(separator: ","),
            "NOVA_FED_SYNC_INTERVAL": "\(interval)", "NOVA_FED_SYNC_TIMEOUT": "\(timeout)",
            // A short window, so that it is full soon and memory has reached its level; with the
            // shortest, of three beats, the third change of an id is at its very edge.
            "NOVA_FED_WINDOW_SEC": "\(interval * 4)", "NOVA_FED_MAX_AGE_SEC": "\(interval * 2)",
            "NOVA_FED_DRAIN_SEC": "0", "NOVA_NODE_ID": "nova-under-test",
        ]
        .merging(more) { $1 }
    }

    /// The value of `name=value` in a line of the log.
    static func field(_ name: String, of line: String) -> String? {
        line.split(separator: " ").first { $0.hasPrefix("\(name)=") }
            .map { String($0.dropFirst(name.count + 1)) }
    }

    /// What health says of one peer.
    struct PeerHealth: Decodable {
        struct LastFailure: Decodable {
            let reason: String
            let errorType: String
            let phase: String?
            let status: Int?
            let detail: String
        }

        let id: String
        let state: String
        let identity: String
        let nodeId: String?
        let successRate: Double
        let samples: Int
        let lastFailure: LastFailure?

        /// `up`, or `down` and why.
        var words: String {
            guard state == "down", let failure = lastFailure else { return state }
            return "\(failure.reason) in \(failure.phase ?? "the summary")"
        }
    }

    /// What health says of the peers, by name.
    func peers() async throws -> [String: PeerHealth] {
        struct Health: Decodable { let peers: [PeerHealth] }
        let answer = try await probe.get("/federation/health")
        let health = try Self.decode(Health.self, from: answer.body)
        return Dictionary(uniqueKeysWithValues: health.peers.map { ($0.id, $0) })
    }

    /// A value of JSON whose keys are written in snake case.
    static func decode<Value: Decodable>(
        _ type: Value.Type,
        from json: [UInt8]
    ) throws -> Value {
        let decoder = JSONDecoder()
        decoder.keyDecodingStrategy = .convertFromSnakeCase
        return try decoder.decode(type, from: Data(json))
    }

    /// Every series of `/metrics` with its value.
    func metrics() async throws -> [String: Double] {
        var series: [String: Double] = [:]
        for line in try await probe.get("/metrics").text.split(separator: "\n")
        where !line.hasPrefix("#") {
            guard let blank = line.lastIndex(of: " ") else { continue }
            series[String(line[..<blank])] = Double(line[line.index(after: blank)...])
        }
        return series
    }

    /// The answer to a GET of one page.
    func page(_ path: String) async throws -> HTTPText {
        try await probe.get(path)
    }

    /// Asks it to stop, and expects that it does so as asked.
    func stop() async throws {
        #expect(daemon.poll() == nil)
        daemon.send(SIGTERM)
        #expect(try await daemon.waitForEnd() == .exit(0))
    }
}
