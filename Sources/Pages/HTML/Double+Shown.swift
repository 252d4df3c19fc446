extension Double {
    /// Seconds as a latency: `2.4 ms`, `123 ms`, `1.25 s`.
    var asLatency: String {
        switch self {
        case ..<0.01: "\((self * 1_000).fixed(1)) ms"
        case ..<1: "\((self * 1_000).fixed(0)) ms"
        default: "\(fixed(2)) s"
        }
    }

    /// A share as a percentage; 100 % only for exactly 1.
    var asPercentage: String {
        let percent = Int((self * 100).rounded())
        return percent == 100 && self < 1 ? "99 %" : "\(percent) %"
    }

    /// Seconds before now.
    var ago: String { self < 1 ? "just now" : "\(inWords) ago" }

    /// A coordinate in a drawing.
    var coordinate: Int { isFinite ? Int(rounded()) : 0 }
}
