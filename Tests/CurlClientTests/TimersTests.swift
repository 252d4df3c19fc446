import Testing
import Timing

@testable import CurlClient

/// libcurl's timers and the deadlines of fetches.
@Suite struct TimersTests {
    @Test func `a timer can be replaced and stopped, and is taken once`() {
        var timers = Timers()
        #expect(timers.next == nil)
        timers.set(.second(30), for: 2)
        timers.set(.second(20), for: 0)
        #expect(timers.next == .second(20))
        timers.set(.second(40), for: 0)
        #expect(timers.next == .second(30))
        #expect(timers.takeDue(at: .second(29)) == [])
        #expect(timers.takeDue(at: .second(40)) == [0, 2])
        #expect(timers.next == nil)
        timers.set(.second(50), for: 1)
        timers.set(nil, for: 1)
        #expect(timers.takeDue(at: .second(1_000_000)) == [])
    }

    @Test func `deadlines are taken in order, each once`() {
        var deadlines = Deadlines()
        for (serial, time) in [(1, 30), (2, 10), (3, 20)] as [(Int, Double)] {
            deadlines.insert(serial, at: .second(time))
        }
        #expect(deadlines.next == .second(10))
        #expect(deadlines.takeDue(at: .second(9)) == nil)
        #expect(deadlines.takeDue(at: .second(20)) == 2)
        #expect(deadlines.takeDue(at: .second(20)) == 3)
        #expect(deadlines.takeDue(at: .second(20)) == nil)
        #expect(deadlines.next == .second(30))
    }
}
