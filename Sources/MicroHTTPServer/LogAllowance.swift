/// Limits the log lines about requests per second, so that clients cannot fill the log.
struct LogAllowance {
    private static let linesPerSecond = 5

    private var second: ContinuousClock.Instant?
    private var lines = 0
    private var omitted = 0

    /// The text to log for this line: the line, the line with a count of omitted lines, or nil.
    mutating func admit(_ line: String, at now: ContinuousClock.Instant) -> String? {
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
        return omitted == 0 ? line : "\(line) (\(omitted) lines before it omitted)"
    }
}
