extension Double {
    /// Seconds as a latency: `2.4 ms`, `123 ms`, `1.25 s`, with a space that does not wrap.
    var asLatency: String {
        switch self {
        case ..<0.01: "\((self * 1_000).fixed(1))\u{A0}ms"
        case ..<1: "\((self * 1_000).fixed(0))\u{A0}ms"
        default: "\(fixed(2))\u{A0}s"
        }
    }

    /// A share as a percentage; 100 % only for exactly 1.
    var asPercentage: String {
        let percent = Int((self * 100).rounded())
        return percent == 100 && self < 1 ? "99\u{A0}%" : "\(percent)\u{A0}%"
    }

    /// Seconds as in `inWords`, such as `2 h 15 min`, with spaces that do not wrap.
    var asDuration: String { String(inWords.map { $0 == " " ? "\u{A0}" : $0 }) }

    /// Seconds before now.
    var ago: String { self < 1 ? "just now" : "\(asDuration) ago" }

    /// A coordinate in a drawing.
    var coordinate: Int { isFinite ? Int(rounded()) : 0 }
}

extension Int {
    /// With a comma between groups of three digits: `10,000`.
    var grouped: String {
        let digits = String(magnitude)
        var text = self < 0 ? "-" : ""
        for (index, digit) in digits.enumerated() {
            if index > 0, (digits.count - index).isMultiple(of: 3) { text += "," }
            text.append(digit)
        }
        return text
    }
}
