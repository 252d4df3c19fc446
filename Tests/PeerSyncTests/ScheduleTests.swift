import Federation
import PeerSync
import Testing

@testable import Timing

/// The schedule under a virtual clock.
///
/// Unix time and the clock start together at `epoch`.
@Suite struct `The schedule` {
    /// Drives a schedule; pulls take `duration` seconds.
    struct Drive {
        var schedule: Schedule
        var interval: Double
        var now = 1000.0
        var starts: [Int: [Double]] = [:]
        var missed = 0
        var lateness: [Double] = []
        var mostInFlight = 0
        private var ends: [(at: Double, index: Int)] = []

        init(
            peers: Int,
            interval: Double,
            maxInFlight: Int = 1000,
            now: Double = 1000,
            wall: Double = 1000
        ) {
            self.interval = interval
            self.now = now
            schedule = Schedule(
                interval: .nanoseconds(Int64(interval * 1e9)),
                maxInFlight: maxInFlight,
                now: Instant(seconds: now),
                wallNow: wall
            )
            schedule.insert(
                (0..<peers).map { (index: $0, phase: phaseOf($0)) },
                at: Instant(seconds: now)
            )
        }

        func phaseOf(_ index: Int) -> Duration {
            slotPhase(
                ofNode: "node",
                peerURL: "http://127.0.0.\(index):80",
                interval: .nanoseconds(Int64(interval * 1e9))
            )
        }

        /// Runs until `end`, waking when something is due; `duration` gives the time of a pull by
        /// index.
        mutating func run(until end: Double, duration: (Int) -> Double = { _ in 0.01 }) {
            while true {
                let next = min(
                    schedule.nextDue.map { Double($0.nanoseconds) / 1e9 } ?? .infinity,
                    ends.map(\.at).min() ?? .infinity
                )
                guard next <= end else { break }
                now = max(now, next)
                wake(duration)
            }
            now = end
        }

        /// One iteration of the loop at `now`.
        mutating func wake(_ duration: (Int) -> Double) {
            for ended in ends where ended.at <= now { schedule.end(ended.index) }
            ends.removeAll { $0.at <= now }
            let due = schedule.takeDue(at: Instant(seconds: now))
            missed += due.missed
            lateness += due.lateness
            mostInFlight = max(mostInFlight, schedule.inFlight)
            for index in due.peers {
                starts[index, default: []].append(now)
                ends.append((now + duration(index), index))
            }
        }

        /// Removes peers and their pulls in flight.
        mutating func forget(_ indices: [Int]) {
            schedule.remove(indices)
            ends.removeAll { indices.contains($0.index) }
        }

        /// The clock advances without an iteration.
        mutating func pause(_ seconds: Double) {
            now += seconds
        }
    }

    @Test func `each peer keeps its interval over a simulated day`() {
        var drive = Drive(peers: 20, interval: 30)
        drive.run(until: 1000 + 86_400)
        #expect(drive.missed == 0)
        for index in 0..<20 {
            let starts = drive.starts[index] ?? []
            // 2,880 slots in a day, the first pull, and perhaps one skipped slot after it.
            #expect((2880...2881).contains(starts.count))
            let phase = drive.phaseOf(index).inSeconds
            for start in starts.dropFirst() {
                let offGrid = (start - phase) / 30 - ((start - phase) / 30).rounded()
                #expect(abs(offGrid) < 1e-6)
            }
        }
    }

    @Test func `the first pass pulls all peers within two seconds`() {
        var drive = Drive(peers: 500, interval: 30)
        drive.run(until: 1002)
        #expect(drive.starts.count == 500)
        #expect(drive.starts.values.allSatisfy { $0.count <= 1 })
    }

    @Test func `the first pass fits into a shorter interval`() {
        var drive = Drive(peers: 10, interval: 0.5)
        drive.run(until: 1000.5)
        #expect(drive.starts.count == 10)
    }

    @Test func `the first pass starts at most two thousand pulls per second`() {
        var drive = Drive(peers: 10_000, interval: 10, maxInFlight: 10_000)
        drive.run(until: 1001)
        #expect((1999...2002).contains(drive.starts.count))
        drive.run(until: 1006)
        #expect(drive.starts.count == 10_000)
        #expect(drive.missed == 0)
    }

    @Test func `two pulls of a peer start at least half an interval apart`() {
        var drive = Drive(peers: 300, interval: 7)
        drive.run(until: 1100) { Double($0 % 7) }
        for starts in drive.starts.values {
            for (earlier, later) in zip(starts, starts.dropFirst()) {
                #expect(later - earlier >= 3.5 - 1e-6)
            }
        }
    }

    @Test func `slots keep their Unix time across a restart`() {
        var before = Drive(peers: 5, interval: 30, now: 1000, wall: 5_000_000)
        before.run(until: 1300)
        // A new process: another zero of the clock, Unix time 310 s later.
        var after = Drive(peers: 5, interval: 30, now: 50, wall: 5_000_310)
        after.run(until: 350)
        for index in 0..<5 {
            let old = (before.starts[index]?.last ?? 0) - 1000 + 5_000_000
            let new = (after.starts[index]?.last ?? 0) - 50 + 5_000_310
            let beats = (new - old) / 30
            #expect(abs(beats - beats.rounded()) < 1e-6)
        }
    }

    @Test(arguments: [0.2, 0.5, 0.9, 1.0, 1.4, 1.6, 4.999, 5.0, 5.5, 100.25, 86_400.75])
    func `every slot of a pause is counted exactly once`(pause: Double) {
        var drive = Drive(peers: 50, interval: 1)
        drive.run(until: 1010)
        drive.pause(pause)
        drive.wake { _ in 0.01 }
        drive.run(until: 1020 + pause)
        let started = drive.starts.values.reduce(0) { $0 + $1.count }
        // All slots between the first pass and the end, from the phases alone.
        var slots = 0
        for index in 0..<50 {
            let phase = drive.phaseOf(index).inSeconds
            let first = drive.starts[index]?[0] ?? 0
            var at = (first + 0.5 - phase).rounded(.up) + phase
            slots += 1
            while at <= drive.now {
                slots += 1
                at += 1
            }
        }
        #expect(started + drive.missed == slots)
        #expect(pause < 1.5 || drive.missed > 0)
    }

    @Test func `a slot during a pull of its peer is counted as missed`() {
        var drive = Drive(peers: 1, interval: 10)
        // Every pull takes 1.7 intervals: every second slot passes, and 0.7 is too late for it.
        drive.run(until: 1400) { _ in 17 }
        let starts = drive.starts[0]?.count ?? 0
        // The slot that came during the first pull is neither kept nor missed.
        #expect(abs(starts - drive.missed) <= 2)
        #expect(starts > 18)
    }

    @Test func `an overdue pull starts at once if it is less than half an interval late`() {
        var drive = Drive(peers: 1, interval: 10)
        drive.run(until: 1400) { _ in 12 }
        let starts = drive.starts[0] ?? []
        let gaps = zip(starts, starts.dropFirst()).map { $1 - $0 }
        // Two or three pulls back to back, until the lateness reaches 5 s and a slot is missed.
        #expect(gaps.contains { abs($0 - 12) < 1e-6 })
        #expect(gaps.allSatisfy { $0 >= 12 - 1e-6 })
        #expect(drive.missed > 0 && drive.missed * 2 < starts.count)
    }

    @Test(arguments: [0.1, 0.15, 0.25, 1, 5, 30])
    func `hung peers keep every slot with a timeout of an interval`(
        seconds: Double
    ) {
        let interval = Duration.seconds(seconds)
        let deadline = PullPlan.deadline(timeout: interval, interval: interval).inSeconds
        var drive = Drive(peers: 5, interval: seconds)
        // After a deadline: 2 ms of the client, 10 ms of waiting for others, an iteration.
        drive.run(until: 1000 + 500 * seconds) { _ in deadline + 0.002 + 0.010 + 0.003 }
        #expect(drive.missed == 0)
        #expect((drive.lateness.max() ?? 1) < 1e-6)
        #expect(drive.starts.values.allSatisfy { $0.count >= 498 })
    }

    @Test func `hung peers catch up with their slots after a pause`() {
        let deadline = PullPlan.deadline(timeout: .seconds(1), interval: .seconds(1)).inSeconds
        var drive = Drive(peers: 5, interval: 1)
        drive.run(until: 1100) { _ in deadline + 0.015 }
        drive.pause(0.3)
        drive.run(until: 1150) { _ in deadline + 0.015 }
        #expect(drive.missed == 0)
        #expect(drive.lateness.suffix(100).allSatisfy { $0 < 1e-6 })
    }

    @Test func `pulls beyond the limit wait and are not lost`() {
        var drive = Drive(peers: 100, interval: 10, maxInFlight: 2)
        drive.run(until: 1100) { _ in 0.1 }
        #expect(drive.mostInFlight == 2)
        #expect(drive.missed == 0)
        #expect(drive.starts.values.allSatisfy { $0.count >= 10 })
    }

    @Test func `overload misses slots instead of queueing them`() {
        var drive = Drive(peers: 100, interval: 10, maxInFlight: 1)
        drive.run(until: 2000) { _ in 0.5 }
        // One concurrent pull allows 20 pulls an interval; the other 80 slots pass.
        #expect(drive.missed > 7000)
        let started = drive.starts.values.reduce(0) { $0 + $1.count }
        #expect(started > 1900)
        #expect(drive.mostInFlight == 1)
    }

    @Test func `a removed peer is forgotten and its index reused`() {
        var drive = Drive(peers: 2, interval: 10)
        drive.run(until: 1050)
        drive.schedule.remove([0])
        drive.run(until: 1100)
        let count = drive.starts[0]?.count ?? 0
        drive.run(until: 1200)
        #expect(drive.starts[0]?.count == count)
        drive.schedule.insert([(0, .seconds(3))], at: Instant(seconds: drive.now))
        drive.run(until: 1300)
        #expect((drive.starts[0]?.count ?? 0) - count >= 10)
    }
}

@Suite struct `The phase` {
    @Test func `the phase is stable and below the interval`() {
        let first = slotPhase(ofNode: "a", peerURL: "http://b:80", interval: .seconds(30))
        #expect(first == slotPhase(ofNode: "a", peerURL: "http://b:80", interval: .seconds(30)))
        #expect(first >= .zero && first < .seconds(30))
    }

    @Test func `the phases of similar peers are evenly spread`() {
        var tenths = [Int](repeating: 0, count: 10)
        for peer in 0..<10_000 {
            let phase = slotPhase(
                ofNode: "nova-1",
                peerURL: "http://10.0.\(peer / 250).\(peer % 250):8100",
                interval: .seconds(10)
            )
            tenths[Int(phase.inSeconds)] += 1
        }
        #expect(tenths.allSatisfy { (850...1150).contains($0) })
    }

    @Test(arguments: [0.1, 0.15, 0.2, 0.205, 1, 30, 3600])
    func `phases lie on a grid of at most 10 ms and a twentieth of the interval`(
        seconds: Double
    ) throws {
        let interval = Duration.seconds(seconds)
        let step = interval.nanoseconds / max(20, Int64((seconds * 100).rounded(.up)))
        #expect(step <= 10_000_000)
        func rests(_ node: String) -> Set<Int64> {
            let phases = (0..<1000)
                .map { slotPhase(ofNode: node, peerURL: "http://\($0)", interval: interval) }
            #expect(phases.allSatisfy { $0 >= .zero && $0 < interval })
            return Set(phases.map { $0.nanoseconds % step })
        }
        #expect(rests("a").count == 1)
        #expect(rests("b").count == 1)
        #expect(rests("a") != rests("b"))
    }

    @Test func `the phase of a peer differs between nodes`() {
        let phases = Set(
            (0..<100)
                .map { slotPhase(ofNode: "n\($0)", peerURL: "http://b:80", interval: .seconds(30)) }
        )
        #expect(phases.count == 100)
    }
}
