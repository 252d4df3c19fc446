import Testing

@testable import CurlClient

/// When the loop counts as late, and for what.
@Suite struct LatenessTests {
    private static let millisecond: Int64 = 1_000_000

    /// A loop that was meant to look up after 10 ms and did so `milliseconds` later, at 100 ms.
    private func late(by milliseconds: Int64) -> Lateness {
        var lateness = Lateness(at: (90 - milliseconds) * Self.millisecond)
        lateness.check(at: 100 * Self.millisecond, afterPause: 10 * Self.millisecond)
        return lateness
    }

    @Test(arguments: [
        (lateMS: 4, timeoutMS: 2_500, isMeasured: true, isExcused: false),
        (5, 2_500, false, false), (49, 2_500, false, false), (50, 2_500, false, true),
        (900, 2_500, false, true), (900, 60_000, false, true), (49, 60_000, false, false),
        (9, 100, false, false), (10, 100, false, true), (30, 100, false, true),
        (4, 50, true, false), (5, 50, false, true),
    ])
    func `how late the loop may be depends on what it is asked for, and on the deadline`(
        lateMS: Int64,
        timeoutMS: Int64,
        isMeasured: Bool,
        isExcused: Bool
    ) {
        let lateness = late(by: lateMS)
        let timeout = timeoutMS * Self.millisecond
        #expect(!lateness.wasLate(since: 0, by: LoopTiming.latenessInLatency) == isMeasured)
        let tolerated = LoopTiming.toleratedLateness(timeout: timeout)
        #expect(lateness.wasLate(since: 0, by: tolerated) == isExcused)
        // It was before the GET.
        let after = 100 * Self.millisecond
        #expect(!lateness.wasLate(since: after, by: LoopTiming.latenessInLatency))
    }

    @Test func `where nothing was under way, nothing was held up`() {
        var lateness = Lateness(at: 0)
        lateness.resetBaseline(at: 1_000 * Self.millisecond)
        lateness.check(at: 1_000 * Self.millisecond)
        #expect(!lateness.wasLate(since: 0, by: LoopTiming.latenessInLatency))
    }

    @Test func `a short deadline has the loop look up more often, until nothing is under way`() {
        var lateness = Lateness(at: 0)
        #expect(lateness.heartbeat == 10 * Self.millisecond)
        lateness.shortenHeartbeat(for: 2_500 * Self.millisecond)
        #expect(lateness.heartbeat == 10 * Self.millisecond)
        lateness.shortenHeartbeat(for: 50 * Self.millisecond)
        lateness.shortenHeartbeat(for: 2_500 * Self.millisecond)
        #expect(lateness.heartbeat == 5 * Self.millisecond)
        lateness.resetBaseline(at: 1)
        #expect(lateness.heartbeat == 10 * Self.millisecond)
    }
}
