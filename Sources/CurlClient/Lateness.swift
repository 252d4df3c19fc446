internal import Timing

/// Detects that the loop ran late: the process was stopped, starved or overloaded.
///
/// Meanwhile responses may have waited unread in the kernel. Then a timeout is no evidence against
/// the server, and the duration of a successful fetch is not the server's latency.
struct Lateness {
    /// The longest delay that is distinguished, in milliseconds; longer ones count as this one.
    private static let longest = 50

    private var lastCheck: Instant
    /// When the loop was last late by at least as many milliseconds as the index.
    private var noticed = [Instant](repeating: .distantPast, count: longest + 1)
    /// How long the loop may wait before it checks again.
    private(set) var heartbeat = LoopTiming.longestHeartbeat

    init(at now: Instant) {
        lastCheck = now
    }

    /// Makes the loop check often enough for a fetch with this timeout, until `resetBaseline`.
    mutating func shortenHeartbeat(for timeout: Duration) {
        heartbeat = min(heartbeat, timeout.divided(by: 10))
    }

    /// Compares the time since the last check with the planned `pause`.
    mutating func check(at now: Instant, afterPause pause: Duration = .zero) {
        let late = (now - lastCheck - pause).count(of: .milliseconds(1))
        lastCheck = now
        guard late >= 1 else { return }
        for milliseconds in 1...min(late, Self.longest) { noticed[milliseconds] = now }
    }

    /// Ignores the time since the last check, because nothing was in flight.
    mutating func resetBaseline(at now: Instant) {
        lastCheck = now
        heartbeat = LoopTiming.longestHeartbeat
    }

    /// Whether the loop was late by `delay` or more since `start`, in whole milliseconds.
    func wasLate(since start: Instant, by delay: Duration) -> Bool {
        noticed[min(max(delay.count(of: .milliseconds(1)), 1), Self.longest)] > start
    }

    /// Whether a fetch that timed out may have done so because the loop was late.
    func mayExplainTimeout(of transfer: Transfer) -> Bool {
        let tolerated = LoopTiming.toleratedLateness(timeout: transfer.request.timeout)
        return wasLate(since: transfer.started, by: tolerated)
    }
}
