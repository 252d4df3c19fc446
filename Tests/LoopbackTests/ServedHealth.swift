import Foundation

/// The fields of `/federation/health` that tests use.
struct ServedHealth: Decodable, Sendable {
    let ready: Bool
    let reasons: [String]
    let mode: String
    let nodeId: String
    let instance: String
    let uptime: Double
    let novelty: Double
    let source: Source
    let own: Own
    let peerSync: PeerSync
    let peers: [Peer]

    struct Source: Decodable, Sendable {
        let kind: String
        let ok: Bool
        let age: Double?
        let error: String?
    }

    /// The member `self`.
    struct Own: Decodable, Sendable {
        let suspect: Bool
        let causes: [String]
        let since: Double?
        let heard: Heard
    }

    struct Heard: Decodable, Sendable {
        let by: Int
        let last: Double?
    }

    enum CodingKeys: String, CodingKey {
        case ready, reasons, mode, nodeId, instance, uptime, novelty, source, peerSync, peers
        case own = "self"
    }

    struct PeerSync: Decodable, Sendable {
        let peerCount: Int
        let configured: Int
    }

    struct Peer: Decodable, Sendable {
        let id: String
        let state: String
        let identity: String
        let flags: [String]
        let live: Bool
        let counted: Bool
        let idHeldBy: String?
        let nodeId: String?
        let age: Double?
        let addressAge: Double?
        let numbersAge: Double?
        let quality: Double
        let successRate: Double
        let p95: Double?
        let samples: Int
        let timings: Timings?
        let lastFailure: Failure?

        /// The state, or the reason and the phase of the failure if it is down.
        var outcome: String {
            guard state == "down", let lastFailure else { return state }
            return "\(lastFailure.reason) in \(lastFailure.phase ?? "the summary")"
        }
    }

    /// Seconds from the start of the latest pull; nil for a stage that it did not reach.
    struct Timings: Decodable, Sendable {
        let dns: Double?
        let connect: Double?
        let tls: Double?
        let firstByte: Double?
        let total: Double
    }

    struct Failure: Decodable, Sendable {
        let reason: String
        let errorType: String
        let phase: String?
        let status: Int?
        let detail: String
    }

    init(_ body: [UInt8]) throws {
        self = try decodeSnakeCase(body)
    }

    /// The peer with this label.
    func peer(_ id: String) -> Peer? {
        peers.first { $0.id == id }
    }

    /// The states by label, of all peers.
    var states: [String: String] {
        Dictionary(peers.map { ($0.id, $0.state) }) { first, _ in first }
    }
}

/// The fields of a summary that tests use.
struct ServedSummary: Decodable, Sendable {
    let nodeId: String
    let ts: Double
    let version: String
    let instance: String?
    let metrics: Metrics

    struct Metrics: Decodable, Sendable {
        let peerQuality: Double
        let gStar: Double
        let gamma: Double
    }

    init(_ body: [UInt8]) throws {
        self = try decodeSnakeCase(body)
    }
}

/// The values of `/metrics` by series, written as in the text format.
struct ServedMetrics: Sendable {
    let values: [String: Double]

    init(_ text: String) {
        var values: [String: Double] = [:]
        for line in text.split(separator: "\n") where !line.hasPrefix("#") {
            guard let blank = line.lastIndex(of: " ") else { continue }
            values[String(line[..<blank])] = Double(line[line.index(after: blank)...])
        }
        self.values = values
    }

    /// The value of the series with this name and these labels in braces; nil if it is absent.
    subscript(series: String) -> Double? { values[series] }

    /// The number of pulls with this status, `success` or `error`.
    func pulls(_ status: String) -> Int {
        Int(values["nova_federation_pull_result_total{status=\"\(status)\"}"] ?? .nan)
    }

    var missed: Int { Int(values["nova_federation_missed_pulls_total"] ?? .nan) }
    var inFlight: Int { Int(values["nova_federation_pulls_in_flight"] ?? .nan) }
    /// ProcessResult pulls and missed slots.
    var slots: Int { pulls("success") + pulls("error") + missed }
}

/// Decodes JSON whose keys are in snake case.
func decodeSnakeCase<Value: Decodable>(_ json: [UInt8]) throws -> Value {
    let decoder = JSONDecoder()
    decoder.keyDecodingStrategy = .convertFromSnakeCase
    return try decoder.decode(Value.self, from: Data(json))
}
