internal import Timing

extension UTCTime {
    /// In RFC 3339: `2027-01-15T08:00:00Z`.
    var machine: String { "\(date)T\(time)Z" }
    /// For people: `2027-01-15 08:00:00`.
    var text: String { "\(date) \(time)" }

    /// Words for the time of a beginning, with the time itself as their title.
    static func html(since seconds: Double, _ words: String) -> HTML {
        guard let time = UTCTime(unix: seconds) else { return "\(words)" }
        return """
            <time datetime="\(time.machine)" title="since \(time.text) UTC">\(words)</time>
            """
    }

    /// The time as an element, with `UTC`; a dash for a time that cannot be shown.
    static func html(_ seconds: Double?) -> HTML {
        guard let seconds, let time = UTCTime(unix: seconds) else { return "–" }
        return "<time datetime=\"\(time.machine)\">\(time.text) UTC</time>"
    }
}
