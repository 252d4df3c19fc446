import Federation
import PeerSync
import TestSupport
import Timing

/// One federation with one interval and one disturbance, with deaths or without.
struct DetectionTrial {
    /// Each node pulls all others.
    static let nodes = 10

    var disturbance: Disturbance
    var interval: Duration
    var seed: UInt64
    var fault: Fault?
    /// Empty to count false downs.
    var deaths: [Death] = []
    var end: Instant

    /// The deadline of a pull with the default timeout.
    let deadline: Duration

    /// The default window.
    var window: Duration { max(Scenario.window, interval * 10) }

    /// A trial in which every node lives, for this many node-years.
    init(
        living years: Double,
        _ disturbance: Disturbance,
        interval: Duration,
        seed: UInt64,
        fault: Fault?
    ) {
        let seconds = years / Double(Self.nodes) * DetectionTrial.secondsPerYear
        self.disturbance = disturbance
        self.interval = interval
        deadline = PullPlan.deadline(timeout: Scenario.timeout, interval: interval)
        self.seed = seed
        self.fault = fault
        end = Instant(seconds: seconds)
    }

    /// A trial in which nodes die this many times.
    init(
        deaths count: Int,
        _ disturbance: Disturbance,
        interval: Duration,
        seed: UInt64,
        fault: Fault?
    ) {
        var generator = SeededGenerator(seed: seed ^ 0x6465_6174_6800_0000)
        let deaths = Death.plan(
            count,
            nodes: Self.nodes,
            interval: interval,
            disturbed: .seconds(disturbance.troubles?.longest ?? 0),
            using: &generator
        )
        self.disturbance = disturbance
        self.interval = interval
        deadline = PullPlan.deadline(timeout: Scenario.timeout, interval: interval)
        self.seed = seed
        self.fault = fault
        self.deaths = deaths
        end = (deaths.last?.span.upperBound ?? Instant(nanoseconds: 0)) + interval * 2
    }

    static let secondsPerYear = 365.0 * 86_400

    /// Runs all observers, one after the other.
    func run() -> [Observer] {
        (0..<Self.nodes)
            .map { node in
                var observer = Observer(node, in: self)
                observer.run()
                return observer
            }
    }

    /// The seconds from each death to `down` at the last observer, by rule and death.
    static func detections(by observers: [Observer], of deaths: [Death]) -> [[Double]] {
        // An observer has no entry for its own death.
        var places = Array(repeating: 0, count: observers.count)
        var seconds = DownRule.all.map { _ in Array(repeating: 0.0, count: deaths.count) }
        for (number, death) in deaths.enumerated() {
            for observer in observers where observer.node != death.node {
                for rule in DownRule.all.indices {
                    let detection = observer.verdicts.detections[rule][places[observer.node]]
                    seconds[rule][number] = max(seconds[rule][number], detection)
                }
                places[observer.node] += 1
            }
        }
        return seconds
    }
}
