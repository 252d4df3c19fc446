import Federation
import PeerSync
import Testing

@testable import Timing

/// Schedules that start at any time of the wall clock.
@Suite struct ScheduleClockTests {
    @Test(arguments: [
        0, -1, 1e9, -1e9, 9_223_372_036, 9_223_372_037, 9_223_372_037.5, -9_223_372_037, 1e10,
        -1e10, 253_402_300_800, 9.2e18, -9.2e18,
    ])
    func `the grid is anchored to Unix time for every wall clock`(wall: Double) throws {
        for interval in [Duration.milliseconds(100), .seconds(30), .seconds(3600)] {
            let start = Instant(seconds: 1)
            var schedule = Schedule(
                interval: interval,
                maxInFlight: 1,
                now: start,
                wallNow: wall
            )
            let phase = interval / 3
            schedule.insert([(index: 0, phase: phase)], at: start)
            #expect(schedule.takeDue(at: start).peers == [0])
            schedule.end(0)
            // After the first pass comes a slot of the grid.
            let slot = try #require(schedule.nextDue)
            let unix = Int128((wall * 1e9).rounded()) + Int128((slot - start).nanoseconds)
            let into = unix % Int128(interval.nanoseconds)
            let span = Int128(interval.nanoseconds)
            #expect((into + span) % span == Int128(phase.nanoseconds))
            schedule.setInterval(.seconds(60), phase: { _ in .zero }, at: slot)
            #expect(schedule.nextDue.map { $0 >= slot } == true)
        }
    }

    @Test(arguments: [Duration.seconds(Int64.max), .seconds(Int64.min), .zero, .seconds(292 << 25)])
    func `the nanoseconds of long spans are clamped`(span: Duration) {
        #expect(span.nanoseconds == Int64(clamping: span.attoseconds / 1_000_000_000))
        #expect(span.inSeconds.isFinite)
    }
}
