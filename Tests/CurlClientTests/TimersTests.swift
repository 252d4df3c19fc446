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

    @Test func `deadlines are taken in the order of time, regardless of insertion order`() {
        var deadlines = Deadlines()
        for (serial, time) in [50, 70, 60, 10, 70, 20, 65].enumerated() {
            deadlines.insert(serial, at: .second(Double(time)))
        }
        #expect(deadlines.next == .second(10))
        let tooEarly = deadlines.takeDue(at: .second(9))
        #expect(tooEarly == nil)
        var taken: [Int] = []
        while let serial = deadlines.takeDue(at: .second(65)) { taken.append(serial) }
        #expect(taken == [3, 5, 0, 2, 6])
        #expect(deadlines.next == .second(70))
    }
}
