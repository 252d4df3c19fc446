/// Limits the log lines about requests per second, so that clients cannot fill the log.
struct LogAllowance {
    private static let linesPerSecond = 5

    private var second: ContinuousClock.Instant?
    private var lines = 0
    private var omitted = 0

    /// The text to log for this line: the line, the line with a count of omitted lines, or nil.
    mutating func admit(_ line: String, at now: ContinuousClock.Instant) -> String? {
        guard let before = admit(at: now) else { return nil }
        return before == 0 ? line : "\(line) (\(before) lines before it omitted)"
    }

    /// The number of lines that were omitted before this one; nil to omit it too.
    mutating func admit(at now: ContinuousClock.Instant) -> Int? {
        if second.map({ now - $0 >= .seconds(1) }) ?? true {
            second = now
            lines = 0
        }
        guard lines < Self.linesPerSecond else {
            omitted += 1
            return nil
        }
        lines += 1
        defer { omitted = 0 }
        return omitted
    }
}
