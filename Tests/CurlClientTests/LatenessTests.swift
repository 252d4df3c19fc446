import Testing
import Timing

@testable import CurlClient

/// When the loop counts as late, and for which decisions.
@Suite struct LatenessTests {
    /// A moment this many milliseconds after the zero of the clock.
    private static func at(_ milliseconds: Int) -> Instant {
        .second(0) + .milliseconds(milliseconds)
    }

    /// The state of a loop that planned to check after 10 ms, and did so `milliseconds` later, at
    /// 100 ms.
    private func late(by milliseconds: Int) -> Lateness {
        var lateness = Lateness(at: Self.at(90 - milliseconds))
        lateness.check(at: Self.at(100), afterPause: .milliseconds(10))
        return lateness
    }

    @Test(arguments: [
        (lateMS: 4, timeoutMS: 2_500, isMeasured: true, isExcused: false),
        (5, 2_500, false, false), (49, 2_500, false, false), (50, 2_500, false, true),
        (900, 2_500, false, true), (900, 60_000, false, true), (49, 60_000, false, false),
        (9, 100, false, false), (10, 100, false, true), (30, 100, false, true),
        (4, 50, true, false), (5, 50, false, true),
    ])
    func `the tolerated lateness depends on the decision and on the timeout`(
        lateMS: Int,
        timeoutMS: Int,
        isMeasured: Bool,
        isExcused: Bool
    ) {
        let lateness = late(by: lateMS)
        let measured = LoopTiming.latenessInLatency
        #expect(!lateness.wasLate(since: Self.at(0), by: measured) == isMeasured)
        let tolerated = LoopTiming.toleratedLateness(timeout: .milliseconds(timeoutMS))
        #expect(lateness.wasLate(since: Self.at(0), by: tolerated) == isExcused)
        // Not for a fetch that started later.
        #expect(!lateness.wasLate(since: Self.at(100), by: measured))
    }

    @Test func `the loop is not late while nothing is in flight`() {
        var lateness = Lateness(at: Self.at(0))
        lateness.resetBaseline(at: Self.at(1_000))
        lateness.check(at: Self.at(1_000))
        #expect(!lateness.wasLate(since: Self.at(0), by: LoopTiming.latenessInLatency))
    }

    @Test func `a short timeout shortens the heartbeat until nothing is in flight`() {
        var lateness = Lateness(at: Self.at(0))
        #expect(lateness.heartbeat == .milliseconds(10))
        lateness.shortenHeartbeat(for: .milliseconds(2_500))
        #expect(lateness.heartbeat == .milliseconds(10))
        lateness.shortenHeartbeat(for: .milliseconds(50))
        lateness.shortenHeartbeat(for: .milliseconds(2_500))
        #expect(lateness.heartbeat == .milliseconds(5))
        lateness.resetBaseline(at: Self.at(1))
        #expect(lateness.heartbeat == .milliseconds(10))
    }
}
