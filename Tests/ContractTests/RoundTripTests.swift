import Federation
import Foundation
import TestSupport
import Testing

/// Encoded summaries, read by the decoder and by other readers.
struct RoundTripTests {
    @Test func `an encoded summary decodes to the same summary`() throws {
        for seed in 0..<2000 as Range<UInt64> {
            let summary = Self.summary(seed: seed)
            let decoded = try Summary(decoding: summary.encoded())
            #expect(decoded == summary, "seed \(seed)")
        }
    }

    @Test func `an encoded summary is valid by the schema`() throws {
        let bodies = (0..<500 as Range<UInt64>).map { Self.summary(seed: $0).encoded() }
        let verdicts = try Oracle.verdicts(on: bodies)
        #expect(verdicts == Array(repeating: "valid", count: bodies.count))
    }

    @Test func `the keys have the contract's order and sig is null`() {
        let summary = Summary(
            nodeID: "a\"\\\u{1F331}",
            ts: 1_795_333_008.002,
            version: "line\nend",
            metrics: SummaryNumbers(
                peerQuality: 0.7,
                stabilityMargin: 0.08,
                hopfDistance: 0.175,
                spectralRadius: 0.245,
                gamma: 0.7,
                components: Components(progress: 0, novelty: 1e-10, consistency: 1),
                gStar: 0.3
            ),
            instance: "3f09c2aa"
        )
        let expected = #"""
            {"node_id":"a\"\\🌱","ts":1795333008.002,"version":"line\nend",\#
            "metrics":{"peer_quality":0.7,"stability_margin":0.08,"hopf_distance":0.175,\#
            "spectral_radius":0.245,"gamma":0.7,"g_components":{"progress":0.0,"novelty":1e-10,\#
            "consistency":1.0},"g_star":0.3},"sig":null,"instance":"3f09c2aa"}
            """#
        #expect(String(decoding: summary.encoded(), as: UTF8.self) == expected)
    }

    @Test func `an infinite Hopf distance is sent as 1e9`() throws {
        var summary = Self.summary(seed: 1)
        summary.metrics.hopfDistance = .infinity
        #expect(try Summary(decoding: summary.encoded()).metrics.hopfDistance == 1e9)
    }

    @Test func `Foundation reads the same numbers from an encoded summary`() throws {
        for seed in 0..<200 as Range<UInt64> {
            let summary = Self.summary(seed: seed)
            let read = try JSONDecoder().decode(Numbers.self, from: Data(summary.encoded()))
            #expect(read.nodeID == summary.nodeID, "seed \(seed)")
            #expect(read.metrics.gamma == summary.metrics.gamma, "seed \(seed)")
            #expect(read.metrics.gStar == summary.metrics.gStar, "seed \(seed)")
        }
    }

    /// The fields that Foundation decodes, with their wire names.
    private struct Numbers: Decodable {
        var nodeID: String
        var metrics: Values

        struct Values: Decodable {
            var gamma: Double
            var gStar: Double

            enum CodingKeys: String, CodingKey {
                case gamma
                case gStar = "g_star"
            }
        }

        enum CodingKeys: String, CodingKey {
            case nodeID = "node_id"
            case metrics
        }
    }

    /// A summary of random strings, and of numbers from their whole ranges.
    private static func summary(seed: UInt64) -> Summary {
        var random = SeededGenerator(seed: seed)
        func number(_ rule: Summary.Rule) -> Double {
            while true {
                let value =
                    random.oneIn(2)
                    ? Double(bitPattern: random.next()) : Double.random(in: 0...1, using: &random)
                if rule.numbers.contains(value) { return value }
            }
        }
        func text(_ rule: Summary.Rule) -> String {
            let count = Int.random(in: rule.scalars, using: &random)
            var text = String.UnicodeScalarView()
            while text.count < count {
                let bound = random.pick([0x80, 0x800, 0x10000, 0x110000] as [UInt32])
                guard let scalar = Unicode.Scalar(UInt32.random(in: 0..<bound, using: &random)),
                    rule.allowsControls || scalar.properties.generalCategory != .control
                else { continue }
                text.append(scalar)
            }
            return String(text)
        }
        return Summary(
            nodeID: text(.identifier),
            ts: number(.positive),
            version: text(.line),
            metrics: SummaryNumbers(
                peerQuality: number(.finite),
                stabilityMargin: number(.finite),
                hopfDistance: number(.notNegative),
                spectralRadius: number(.notNegative),
                gamma: number(.unit),
                components: Components(
                    progress: number(.unit),
                    novelty: number(.unit),
                    consistency: number(.unit)
                ),
                gStar: number(.unit)
            ),
            instance: random.oneIn(4) ? nil : text(.text)
        )
    }
}
