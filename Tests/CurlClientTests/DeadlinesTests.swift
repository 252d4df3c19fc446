import Testing
import Timing

@testable import CurlClient

@Suite struct DeadlinesTests {
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
