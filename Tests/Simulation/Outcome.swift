import Federation

/// What a run came to.
struct Outcome {
    /// Everything that happened.
    var trace = Digest()
    /// What was decided, without what a wall clock shows.
    var decisions = Digest()
    /// The decisions up to each look at all nodes.
    var marks: [UInt64] = []

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
    /// N at each tick of the nodes that a liar could mislead, from the tenth minute on.
    var novelties: [Double] = []
    /// The built-in G* at the same ticks.
    var gStars: [Double] = []

    /// Before this a federation is still finding itself.
    private static let settled = Instant(seconds: 600)

    /// Takes a tick into account.
    mutating func note(_ reading: Reading, _ node: Node, isLiar: Bool, at now: Instant) {
        novelty.add(reading.novelty)
        gStar.add(reading.gStar)
        guard now >= Self.settled, now <= Comparison.end, !isLiar, node.peers.count > 1 else {
            return
        }
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
