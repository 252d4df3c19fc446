import Foundation
import TestSupport

/// What `/federation/wisdom` said; nil for what is null or absent.
struct ServedWisdom: Decodable, Sendable {
    let peerGstars: [Double]
    let novelty: Double
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

    struct Components: Decodable, Sendable {
        let progress: Double
        let novelty: Double
        let consistency: Double
    }
}

extension ServedNode {
    func wisdom() async throws -> ServedWisdom {
        let decoder = JSONDecoder()
        decoder.keyDecodingStrategy = .convertFromSnakeCase
        let body = try await get("/federation/wisdom").body
        return try decoder.decode(ServedWisdom.self, from: Data(body))
    }

    /// The fields of the page, whether they say something or null.
    func wisdomFields() async throws -> Set<String> {
        Set(try await json("/federation/wisdom").keys)
    }
}

/// Settings under which eta rests from the first tick on, so that Cc is 1 without a minute's wait.
let restingEta = [
    "NOVA_WISDOM_ETA_DEFAULT": "0.08",
    "NOVA_WISDOM_ETA_MAX": "0.08",
    "NOVA_WISDOM_ETA_MIN": "0.08",
    "NOVA_WISDOM_POLL_INTERVAL": "0.2",
]
