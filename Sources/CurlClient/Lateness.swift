/// Notices that the loop was held up: a stopped process, a starved machine, too much work at once.
///
/// While it was, answers may have lain in the kernel unread, so a GET that timed out then says
/// nothing about the other side, and the duration of one that went well is not the other side's.
struct Lateness {
    private static let millisecond: Int64 = 1_000_000
    /// What is told apart, in milliseconds; later than that is all the same.
    private static let longest = 50

    private var lastLook: Int64
    /// When the loop was last late by so many milliseconds or more; the index is the milliseconds.
    private var noticed = [Int64](repeating: .min, count: longest + 1)
    /// How long the loop may wait until it looks again.
    private(set) var heartbeat = LoopTiming.heartbeat(timeout: .max)

    init(at now: Int64) {
        lastLook = now
    }

    /// Has the loop look often enough for a GET with this timeout, until the next `resetBaseline`.
    mutating func shortenHeartbeat(for timeout: Int64) {
        heartbeat = min(heartbeat, LoopTiming.heartbeat(timeout: timeout))
    }

    /// Compares how long it is since the last look with how long it was meant to be.
    mutating func check(at now: Int64, afterPause pause: Int64 = 0) {
        let late = (now - lastLook - pause) / Self.millisecond
        lastLook = now
        guard late >= 1 else { return }
        for milliseconds in 1...min(Int(late), Self.longest) { noticed[milliseconds] = now }
    }

    /// Starts anew, where being late has held nothing up.
    mutating func resetBaseline(at now: Int64) {
        lastLook = now
        heartbeat = LoopTiming.heartbeat(timeout: .max)
    }

    /// Whether the loop was late by `tolerated` nanoseconds or more since `start`, in whole
    /// milliseconds.
    func wasLate(since start: Int64, by tolerated: Int64) -> Bool {
        let milliseconds = min(max(Int(tolerated / Self.millisecond), 1), Self.longest)
        return noticed[milliseconds] > start
    }

    /// Whether a GET that timed out may have done so because the loop was late.
    func mayExplainTimeout(of transfer: Transfer) -> Bool {
        let tolerated = LoopTiming.toleratedLateness(timeout: transfer.request.timeout)
        return wasLate(since: transfer.started, by: tolerated)
    }
}
