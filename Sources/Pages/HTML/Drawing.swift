internal import Federation

/// Small drawings that stand beside words.
enum Drawing {
    /// A shape and a colour for a kind of state; hidden from screen readers, which read the word.
    enum Mark: Sendable {
        case good
        case bad
        case odd
        case ownNode
        case pending

        var html: HTML {
            switch self {
            case .good: Self.shape("mark ok", "<circle cx=\"5\" cy=\"5\" r=\"4\"/>")
            case .bad:
                Self.shape("mark no", "<path d=\"M1.5 1.5l7 7m0-7l-7 7\" stroke-width=\"2.5\"/>")
            case .odd: Self.shape("mark odd", "<path d=\"M5 .5L9.5 5 5 9.5 .5 5z\"/>")
            case .ownNode:
                Self.shape("mark", "<rect x=\"1.5\" y=\"1.5\" width=\"7\" height=\"7\"/>")
            case .pending:
                Self.shape(
                    "mark none",
                    "<circle cx=\"5\" cy=\"5\" r=\"3.5\" stroke-width=\"1.5\"/>"
                )
            }
        }

        private static func shape(_ style: String, _ shape: HTML) -> HTML {
            """
            <svg class="\(style)" viewBox="0 0 10 10" width="10" height="10" aria-hidden="true">\
            \(shape)</svg>
            """
        }
    }

    /// A bar from 0 to 1; the interval, if any, is a line with two ends.
    static func bar(_ value: Double, interval: Interval, title: String) -> HTML {
        func place(_ value: Double) -> Int { (80 * min(1, max(0, value))).coordinate }
        let (low, high) = (place(interval.low), place(interval.high))
        return """
            <svg viewBox="-1 0 82 12" width="82" height="12" role="img"><title>\(title)</title>\
            <rect class="rest" width="80" height="8" y="2" rx="2"/>\
            <rect class="bar" width="\(place(value))" height="8" y="2" rx="2"/>\
            <path class="span" d="M\(low) 2v8m0-4H\(high)m0-4v8"/></svg>
            """
    }
}
