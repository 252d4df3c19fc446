import Federation

@testable import Timing

/// What a run came to.
struct Outcome {
    /// Pulls that ended, pages, qualities and troubles, in order, with what clocks showed.
    var trace = Digest()
    /// What each node decided, without what a wall clock shows.
    var decisions: [Digest]
    /// The decisions up to each look at all nodes, as long as runs are compared.
    var marks: [[Digest]] = []

    var started = 0
    /// Pulls that brought a summary.
    var good = 0
    var failures: [FailureReason: Int] = [:]
    /// Pulls that timed out while their node was paused.
    var heldUp = 0
    /// Slots that were missed, those of the pulls above included.
    var missed = 0
    /// What an operator would have read.
    var changes = 0

    var pauses = 0
    var restarts = 0
    var cuts = 0
    var clocksSet = 0

    var novelty = Spread()
    /// The built-in G*.
    var gStar = Spread()
    /// N at each tick of the nodes of the comparison, from the tenth minute to its end.
    var novelties: [Double] = []
    /// The built-in G* at the same ticks.
    var gStars: [Double] = []

    init(nodes: Int) {
        decisions = Array(repeating: Digest(), count: nodes)
    }

    /// Before this a federation is still finding itself.
    private static let settled = Instant(seconds: 600)

    /// The whole of it: what happened, and what each node decided.
    var digest: Digest {
        var digest = trace
        for decision in decisions { digest.add(decision.value) }
        return digest
    }

    /// Takes a tick into account.
    ///
    /// Of the comparison is a node that has several peers and never is the liar of it.
    mutating func note(_ reading: Reading, isCompared: Bool, at now: Instant) {
        novelty.add(reading.novelty)
        gStar.add(reading.gStar)
        guard isCompared, now >= Self.settled, now <= Comparison.end else { return }
        novelties.append(reading.novelty)
        gStars.append(reading.gStar)
    }
}

/// The least, the most and the mean of some numbers.
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

    /// 0 of none.
    var mean: Double { count == 0 ? 0 : sum / Double(count) }
}
