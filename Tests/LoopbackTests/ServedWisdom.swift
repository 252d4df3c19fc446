import TestSupport

/// The fields of `/federation/wisdom`; nil if null or absent.
struct ServedWisdom: Decodable, Sendable {
    let peerGstars: [Double]
    let novelty: Double
    let noveltyRobust: Double
    let influence: [Influence]
    let context: String
    let g0: Double
    let components: Components?
    let gStar: Double?
    let eta: Double?
    let bias: Double?
    let stabilityMargin: Double?
    let hopfDistance: Double?
    let regime: String?
    let triEtaCap: Double?
    let slot07Jobs: Int?
    let slot07Reason: String?

    struct Influence: Decodable, Sendable {
        let nodeId: String
        let peer: String
        let gStar: Double
        let noveltyWithout: Double
        let influence: Double
    }

    struct Components: Decodable, Sendable {
        let progress: Double
        let novelty: Double
        let consistency: Double
    }
}

extension ServedNode {
    func wisdom() async throws -> ServedWisdom {
        try decodeSnakeCase(await get("/federation/wisdom").body)
    }

    /// The names of all fields of the page, also of those that are null.
    func wisdomFields() async throws -> Set<String> {
        Set(try await json("/federation/wisdom").keys)
    }
}

/// Settings with a constant eta, so that Cc is 1 from the first tick.
let restingEta = [
    "NOVA_WISDOM_ETA_DEFAULT": "0.08",
    "NOVA_WISDOM_ETA_MAX": "0.08",
    "NOVA_WISDOM_ETA_MIN": "0.08",
    "NOVA_WISDOM_POLL_INTERVAL": "0.2",
]
