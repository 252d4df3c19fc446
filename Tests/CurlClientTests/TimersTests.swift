import Testing

@testable import CurlClient

/// The moments the loop wakes up for, and how it notices that it overslept.
@Suite struct TimersTests {
    @Test func `a timer is replaced, stopped and taken once`() {
        var timers = Timers()
        #expect(timers.next == nil)
        timers.set(30, for: 2)
        timers.set(20, for: 0)
        #expect(timers.next == 20)
        timers.set(40, for: 0)
        #expect(timers.next == 30)
        #expect(timers.takeDue(at: 29) == [])
        #expect(timers.takeDue(at: 40) == [0, 2])
        #expect(timers.next == nil)
        timers.set(50, for: 1)
        timers.set(nil, for: 1)
        #expect(timers.takeDue(at: .max - 1) == [])
    }

    @Test func `deadlines come in order, each once`() {
        var deadlines = Deadlines()
        for (serial, time) in [(1, 30), (2, 10), (3, 20)] as [(Int, Int64)] {
            deadlines.insert(serial, at: time)
        }
        #expect(deadlines.next == 10)
        #expect(deadlines.takeDue(at: 9) == nil)
        #expect(deadlines.takeDue(at: 20) == 2)
        #expect(deadlines.takeDue(at: 20) == 3)
        #expect(deadlines.takeDue(at: 20) == nil)
        #expect(deadlines.next == 30)
    }
}
