import Federation
import Foundation
internal import Timing

/// Compares the cost of refusing a hostile body with the cost of reading a good one of the same
/// size.
///
/// Prints nanoseconds per byte of each shape, the minimum of many runs. Exits with 1 if the most
/// expensive refusal costs over 10 % more than the most expensive good body; less is noise.
@main
enum Refusal {
    static let size = 65_536
    static let runs = 200

    static func main() {
        let good = measure([
            ("a long string that is ignored", padded(#","x":""#, "x", #"""#)),
            ("a list of numbers", padded(#","x":[0"#, ",1", "]")),
            ("many small objects", padded(#","x":[0"#, #",{"a":0}"#, "]")),
            ("many fields", padded("", #","a":0"#, "")),
            ("escapes", padded(#","x":""#, #"\n"#, #"""#)),
        ])
        let hostile = measure([
            ("brackets without end", Array(repeating: UInt8(ascii: "["), count: size)),
            ("a number of digits only", filled("", "9", "")),
            ("a million digits in a field", filled(#"{"node_id":"a","ts":"#, "9", "")),
            ("a string without end", filled(#"{"node_id":""#, "x", "")),
            ("one key, many times", filled(#"{"a":0"#, #","a":0"#, "")),
            ("a required key, repeated at the end", twice()),
            ("a node id that fills the body", nodeID()),
            ("escaped surrogates, the last alone", filled(#"[""#, #"\ud83d\ude00"#, #"\ud83d"]"#)),
            ("white space", filled("", " ", "")),
            ("trailing bytes", padded(#","x":""#, "x", #""}"#)),
            ("invalid UTF-8 at the end", padded(#","x":""#, "x", "\u{7F}") + [0xFF]),
        ])
        let ratio = hostile / good
        print("most expensive refusal / most expensive good body: \(rounded(ratio))")
        exit(ratio <= 1.1 ? 0 : 1)
    }

    /// Prints a row for each body; returns the highest cost, in nanoseconds per byte.
    private static func measure(_ bodies: [(name: String, body: [UInt8])]) -> Double {
        var highest = 0.0
        for (name, body) in bodies {
            var least = Duration.seconds(1)
            var verdict = ""
            for _ in 0..<runs {
                let start = ContinuousClock.now
                do throws(SummaryFault) {
                    _ = try Summary(decoding: body)
                    verdict = "read"
                } catch {
                    verdict = error.reason.rawValue
                }
                least = min(least, ContinuousClock.now - start)
            }
            let cost = Double(least.nanoseconds) / Double(body.count)
            highest = max(highest, cost)
            print("\(rounded(cost)) ns/byte  \(body.count) bytes  \(verdict): \(name)")
        }
        return highest
    }

    /// A good summary with one more field, padded to the size.
    private static func padded(_ start: String, _ filling: String, _ end: String) -> [UInt8] {
        let summary = #"""
            {"node_id":"a","ts":1,"version":"1","metrics":{"peer_quality":0.7,
            "stability_margin":0.08,"hopf_distance":0.175,"spectral_radius":0.245,"gamma":0.7,
            "g_components":{"progress":0,"novelty":0,"consistency":1},"g_star":0.3}
            """#
        return filled(summary + start, filling, end + "}")
    }

    /// A good summary whose `version` is repeated at the end.
    private static func twice() -> [UInt8] {
        padded(#","x":""#, "x", #"","version":"2""#)
    }

    private static func nodeID() -> [UInt8] {
        filled(#"{"node_id":""#, "x", #"","ts":1,"version":"1"}"#)
    }

    private static func filled(_ start: String, _ filling: String, _ end: String) -> [UInt8] {
        let room = size - start.utf8.count - end.utf8.count
        let count = filling.isEmpty ? 0 : max(0, room / filling.utf8.count)
        return Array((start + String(repeating: filling, count: count) + end).utf8)
    }

    private static func rounded(_ value: Double) -> String {
        String(format: "%.2f", value)
    }
}
