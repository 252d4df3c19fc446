import Federation
import Timing

/// The results of a run.
struct Outcome {
    /// Pulls, pages, qualities and disruptions in order, with the values of clocks.
    var trace = Digest()
    /// The decisions of each node, without the values of wall clocks.
    var decisions: [Digest]
    /// The decisions up to each check of all nodes, for the period in which runs are compared.
    var marks: [[Digest]] = []

    var started = 0
    /// Pulls that returned a summary.
    var good = 0
    var failures: [FailureReason: Int] = [:]
    /// Pulls that timed out while their node was paused.
    var heldUp = 0
    /// Missed slots, including those of the pulls above.
    var missed = 0
    /// The changes that a service would log.
    var changes = 0

    var pauses = 0
    var restarts = 0
    var cuts = 0
    var clocksSet = 0

    var novelty = Spread()
    /// The built-in G*.
    var gStar = Spread()
    /// N at each tick of the compared nodes, from the tenth minute on.
    var novelties: [Double] = []
    /// The robust N at the same ticks.
    var robustNovelties: [Double] = []
    /// The built-in G* at the same ticks.
    var gStars: [Double] = []

    init(nodes: Int) {
        decisions = Array(repeating: Digest(), count: nodes)
    }

    /// A federation needs this long to settle.
    private static let settled = Instant(seconds: 600)

    /// The digest of events and decisions.
    var digest: Digest {
        var digest = trace
        for decision in decisions { digest.add(decision.value) }
        return digest
    }

    /// Adds a tick.
    ///
    /// Compared are the nodes with several peers that are never the lying node.
    mutating func note(_ reading: Reading, isCompared: Bool, at now: Instant) {
        novelty.add(reading.novelty)
        gStar.add(reading.gStar)
        guard isCompared, now >= Self.settled, now <= Comparison.end else { return }
        novelties.append(reading.novelty)
        robustNovelties.append(reading.robustNovelty)
        gStars.append(reading.gStar)
    }
}

/// The minimum, maximum and mean of some numbers.
struct Spread {
    private(set) var least = Double.infinity
    private(set) var most = -Double.infinity
    private var sum = 0.0
    private var count = 0

    mutating func add(_ value: Double) {
        least = min(least, value)
        most = max(most, value)
        sum += value
        count += 1
    }

    /// 0 without numbers.
    var mean: Double { count == 0 ? 0 : sum / Double(count) }
}
