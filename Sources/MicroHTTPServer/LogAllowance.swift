/// How many lines a second may be logged about requests: what clients do must not fill the log.
struct LogAllowance {
    private static let linesPerSecond = 5

    private var second: ContinuousClock.Instant?
    private var lines = 0
    private var leftOut = 0

    /// What to log now for this line: it, it with a word on what was left out, or nothing.
    mutating func admit(_ line: String, at now: ContinuousClock.Instant) -> String? {
        if second.map({ now - $0 >= .seconds(1) }) ?? true {
            second = now
            lines = 0
        }
        guard lines < Self.linesPerSecond else {
            leftOut += 1
            return nil
        }
        lines += 1
        defer { leftOut = 0 }
        return leftOut == 0 ? line : "\(line) (\(leftOut) lines before it left out)"
    }
}
