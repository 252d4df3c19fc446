import DequeModule

/// What is known about the names of hosts, and which of them to look up next.
///
/// A value: the lookups themselves are made elsewhere. A name is looked up when it is first asked
/// for and when it is asked for and its answer is older than `freshFor`; one lookup at a time per
/// name. The last good answer serves while a lookup runs or fails. Names that were resolved before
/// have their own lane of lookups, so that names that never answer cannot starve them.
///
///     unknown ──asked──▶ waiting ──answer──▶ known ──asked, stale──▶ refreshing ──▶ known
///        ▲                  │ failure
///        └──────────────────┘
struct NameTable {
    /// 30 s in nanoseconds.
    static let freshFor: Int64 = 30_000_000_000
    /// How many lookups each of the two lanes may have under way.
    static let lookupsPerLane = 4

    /// The last good answer of one name.
    struct Answer {
        /// Numeric, IPv6 in brackets, in the resolver's order.
        var addresses: [String]
        var at: Int64
    }

    private struct Lane {
        var pending: Deque<String> = []
        var running = 0
    }

    private var answers: [String: Answer] = [:]
    private var underWay: Set<String> = []
    /// Index 0: never resolved; 1: resolved before.
    private var lanes = [Lane(), Lane()]
    private var laneOf: [String: Int] = [:]

    /// The addresses of `name` as last resolved, or nil if it never was; asks for a lookup if that
    /// is due.
    mutating func ask(_ name: String, at now: Int64) -> Answer? {
        let answer = answers[name]
        let isFresh = answer.map { now - $0.at < Self.freshFor } ?? false
        if !isFresh, underWay.insert(name).inserted {
            lanes[answer == nil ? 0 : 1].pending.append(name)
        }
        return answer
    }

    /// A name to look up now; nil if there is none or its lane is full. Call until nil.
    mutating func startLookup() -> String? {
        for lane in lanes.indices where lanes[lane].running < Self.lookupsPerLane {
            if let name = lanes[lane].pending.popFirst() {
                lanes[lane].running += 1
                laneOf[name] = lane
                return name
            }
        }
        return nil
    }

    /// A lookup ended; nil addresses for a failure, which leaves the last good answer as it is.
    mutating func endLookup(of name: String, addresses: [String]?, at now: Int64) {
        underWay.remove(name)
        if let lane = laneOf.removeValue(forKey: name) {
            lanes[lane].running -= 1
        }
        if let addresses {
            answers[name] = Answer(addresses: addresses, at: now)
        }
    }
}
