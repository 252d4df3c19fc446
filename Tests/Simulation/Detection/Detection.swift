import Federation
import Timing

/// How soon rules report a dead peer on all observers, and how often they report a living one.
struct Detection {
    /// The results with one disturbance and one interval.
    struct Cell {
        var disturbance: Disturbance
        var interval: Duration
        var deaths: [Death]
        /// The seconds from each death to `down` on all observers, by rule.
        var detections: [[Double]]
        /// The number of false downs by rule, in this many node-years.
        var falseDowns: [Int]
        var nodeYears: Double
    }

    /// What did not hold.
    struct Breach: Error {
        var name: String
        var sentence: String
        var detail: String
    }

    /// The intervals in seconds; the first is the default.
    static let intervals = [30, 10, 15, 60]

    private(set) var cells: [Cell] = []

    /// Runs all trials.
    ///
    /// `years` are the node-years with lost packets and the default interval. Trials with another
    /// interval have a quarter of the pulls, and a third of the deaths.
    init(years: Double, seed: UInt64, fault: Fault?) {
        for (number, disturbance) in Disturbance.allCases.enumerated() {
            for seconds in Self.intervals {
                let isDefault = seconds == Self.intervals[0]
                let share = disturbance.share * (isDefault ? 1 : Double(seconds) / 120)
                let deaths = max(10, Int(years * (isDefault ? 300 : 100)))
                let interval = Duration.seconds(seconds)
                let seed = seed &* 1_000 &+ UInt64(number * 100 + seconds)
                let living = DetectionTrial(
                    living: years * share,
                    disturbance,
                    interval: interval,
                    seed: seed,
                    fault: fault
                )
                let dying = DetectionTrial(
                    deaths: deaths,
                    disturbance,
                    interval: interval,
                    seed: seed &+ 500_000,
                    fault: fault
                )
                let observers = living.run()
                cells.append(
                    Cell(
                        disturbance: disturbance,
                        interval: interval,
                        deaths: dying.deaths,
                        detections: DetectionTrial.detections(by: dying.run(), of: dying.deaths),
                        falseDowns: DownRule.all.indices.map { rule in
                            observers.reduce(0) { $0 + $1.verdicts.falseDowns[rule] }
                        },
                        nodeYears: years * share
                    )
                )
            }
        }
    }

    /// What the default settings promise.
    func check() throws(Breach) {
        guard let service = DownRule.all.firstIndex(of: .service(downAfter: 1)) else { return }
        for cell in cells where cell.interval == Scenario.interval {
            let (naive, ours) = (cell.falseDowns[0], cell.falseDowns[service])
            switch cell.disturbance {
            case .pauses, .longOutages:
                guard ours == 0, naive > 0 else {
                    throw Breach(
                        name: cell.disturbance == .pauses ? "pauses" : "trust",
                        sentence: "the service has no false down in \(cell.disturbance.rawValue)"
                            + " of the node itself, the naive rule has",
                        detail: "the service has \(ours), the naive rule \(naive)"
                    )
                }
            case .none:
                let longest = cell.detections[service].max() ?? .infinity
                guard longest < 2 * cell.interval.inSeconds, ours == 0 else {
                    throw Breach(
                        name: "deaths",
                        sentence: "undisturbed observers report each death within 2 intervals,"
                            + " and no living peer",
                        detail: "one took \(longest) s; \(ours) false downs"
                    )
                }
            default: break
            }
        }
    }
}
