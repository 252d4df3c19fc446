import Federation
import TestSupport
import Testing

@testable import PeerSync
@testable import Timing

/// The slots when peers or the interval change.
@Suite struct `A schedule that is changed` {
    private typealias Drive = `The schedule`.Drive

    @Test func `remaining peers keep exactly their slots`() {
        var changed = Drive(peers: 20, interval: 10)
        var left = Drive(peers: 20, interval: 10)
        for round in 1...50 {
            let end = 1000 + Double(round) * 7
            changed.run(until: end) { _ in 2 }
            left.run(until: end) { _ in 2 }
            let now = Instant(seconds: changed.now)
            // Removes the last ten, some while they are pulled; others reuse their indices.
            changed.forget(Array(10..<20))
            changed.schedule.insert((10..<20).map { ($0, changed.phaseOf($0 + round)) }, at: now)
        }
        for index in 0..<10 {
            #expect(changed.starts[index] == left.starts[index])
        }
        #expect(changed.missed == 0)
    }

    @Test func `nothing remains of removed peers`() {
        var drive = Drive(peers: 100, interval: 3600, maxInFlight: 10)
        drive.run(until: 1001) { _ in 5 }
        #expect(drive.schedule.inFlight == 10)
        for _ in 1...1000 {
            let now = Instant(seconds: drive.now)
            drive.schedule.remove(Array(0..<100))
            #expect(drive.schedule.inFlight == 0)
            drive.schedule.insert((0..<100).map { ($0, drive.phaseOf($0)) }, at: now)
            _ = drive.schedule.takeDue(at: now)
        }
        #expect(drive.schedule.plannedCount == 100)
    }

    @Test(arguments: [(30.0, 10.0), (10, 30), (10, 0.5), (0.5, 10), (300, 1), (7, 7.5)])
    func `a new interval causes no early, late or extra pull`(
        before: Double,
        after: Double
    ) {
        let count = 50
        var drive = Drive(peers: count, interval: before)
        drive.run(until: 1000 + before * 3.3) { _ in 0.01 }
        let change = drive.now
        drive.change(to: after)
        drive.run(until: change + after * 5) { _ in 0.01 }
        #expect(drive.missed == 0)
        for index in 0..<count {
            let starts = drive.starts[index] ?? []
            let last = starts.last { $0 <= change } ?? 0
            let next = starts.filter { $0 > change }
            #expect((4...6).contains(next.count), "\(next.count) pulls in 5 intervals")
            #expect(next[0] - last >= after / 2 - 1e-6)
            #expect(next[0] - max(last, change) <= after * 1.5 + 1e-6)
            for (earlier, later) in zip(next, next.dropFirst()) {
                #expect(abs(later - earlier - after) < 1e-6)
            }
        }
    }

    @Test func `a new interval does not change the first pass`() {
        var drive = Drive(peers: 100, interval: 10)
        drive.run(until: 1001)
        let done = drive.starts.count
        #expect((40...60).contains(done))
        drive.change(to: 60)
        drive.run(until: 1002)
        #expect(drive.starts.count == 100)
        #expect(drive.starts.values.allSatisfy { $0.count == 1 })
    }

    @Test func `slots of the old interval are not counted in the new one`() {
        var drive = Drive(peers: 2, interval: 300, maxInFlight: 1)
        // One pull takes so long that the other peer waits.
        drive.wake { _ in 60 }
        drive.now += 1
        drive.wake { _ in 60 }
        drive.now += 40
        drive.change(to: 1)
        drive.schedule.maxInFlight = 2
        drive.wake { _ in 0.01 }
        #expect(drive.missed == 0)
        #expect(drive.starts.count == 2)
    }

    @Test func `the invariants hold for every order of changes`() {
        for seed in UInt64(0)..<50 {
            var random = SeededGenerator(seed: seed)
            var interval = Double.random(in: 1...30, using: &random)
            var drive = Drive(peers: 30, interval: interval, maxInFlight: 40)
            for _ in 1...20 {
                let span = Double.random(in: 0...interval * 2, using: &random)
                let slow = Double.random(in: 0...interval, using: &random)
                drive.run(until: drive.now + span) { $0 % 3 == 0 ? slow : 0.001 }
                if Bool.random(using: &random) {
                    interval = Double.random(in: 1...30, using: &random)
                    drive.change(to: interval)
                }
                let gone = (0..<30).filter { _ in Int.random(in: 0..<10, using: &random) == 0 }
                drive.forget(gone)
                drive.schedule.insert(
                    gone.map { ($0, drive.phaseOf($0)) },
                    at: Instant(seconds: drive.now)
                )
                // Each peer has at most one planned slot, and none is lost.
                let planned = drive.schedule.plannedCount
                #expect(planned <= 30, "seed \(seed)")
                #expect(planned >= 30 - drive.schedule.inFlight, "seed \(seed)")
            }
        }
    }
}

extension `The schedule`.Drive {
    /// Changes the interval.
    mutating func change(to interval: Double) {
        self.interval = interval
        let phases = (0..<1000).map { phaseOf($0) }
        schedule.setInterval(
            .nanoseconds(Int64(interval * 1e9)),
            phase: { phases[$0] },
            at: Instant(seconds: now)
        )
    }
}
