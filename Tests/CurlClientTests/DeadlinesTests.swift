import Testing

@testable import CurlClient

@Suite struct DeadlinesTests {
    @Test func `each comes when its time has, whatever the order they were added in`() {
        var deadlines = Deadlines()
        for (serial, time) in [50, 70, 60, 10, 70, 20, 65].enumerated() {
            deadlines.insert(serial, at: Int64(time))
        }
        #expect(deadlines.next == 10)
        let tooEarly = deadlines.takeDue(at: 9)
        #expect(tooEarly == nil)
        var taken: [Int] = []
        while let serial = deadlines.takeDue(at: 65) { taken.append(serial) }
        #expect(taken == [3, 5, 0, 2, 6])
        #expect(deadlines.next == 70)
    }
}
