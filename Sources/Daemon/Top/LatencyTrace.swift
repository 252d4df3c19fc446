import JSON

/// The latest pulls of a peer that `top` has seen, as a sparkline.
struct LatencyTrace: Hashable, Sendable {
    /// One pull.
    enum Mark: Hashable, Sendable {
        /// A good pull took this many seconds.
        case good(Double)
        case failed
    }

    /// Older marks are dropped.
    static let maximumMarks = 60
    /// Longer times between two pages count as this many seconds, because ages on a page do not
    /// increase while the node stands still.
    private static let longestElapsed = 5.0
    /// Where the next bar begins, in seconds: each is about three times the one before.
    private static let steps = [0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1]
    private static let bars: [Character] = ["▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"]

    /// The oldest first.
    private(set) var marks: [Mark] = []
    /// `last_seen` and the age of `last_failure` on the page before.
    private var lastSeen: Double?
    private var failureAge: Double?

    /// Adds the latest pull of a peer on a page, unless the page before had it.
    ///
    /// `elapsed` is the time between the two pages in seconds, by the node's clock.
    mutating func take(_ peer: JSONTree, elapsed: Double) {
        let (seen, goodAge) = (peer["last_seen"].number, peer["age"].number)
        let age = peer["last_failure"]["age"].number
        let isNewGood = seen != nil && seen != lastSeen
        let isNewFailure = age.map { isNew($0, elapsed: min(elapsed, Self.longestElapsed)) }
        (lastSeen, failureAge) = (seen, age)
        // At most one mark for each page. `timings` are those of the latest pull.
        if isNewFailure == true, let age, goodAge.map({ age <= $0 }) ?? true {
            add(.failed)
        } else if isNewGood, let total = peer["timings"]["total"].number {
            add(.good(total))
        }
    }

    /// Whether a failure of this age is not the one on the page before.
    private func isNew(_ age: Double, elapsed: Double) -> Bool {
        guard let failureAge else { return true }
        return age < failureAge || (age <= elapsed && age < failureAge + elapsed / 2)
    }

    private mutating func add(_ mark: Mark) {
        if marks.count == Self.maximumMarks { marks.removeFirst() }
        marks.append(mark)
    }

    /// The latest marks, the newest last: a bar for each latency, and a cross for a failure.
    func text(atMost width: Int = maximumMarks) -> String {
        String(marks.suffix(max(0, width)).map(Self.character))
    }

    private static func character(for mark: Mark) -> Character {
        switch mark {
        case .failed: "×"
        case .good(let seconds): bars[steps.firstIndex { seconds < $0 } ?? steps.count]
        }
    }
}
