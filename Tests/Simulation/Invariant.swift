import Federation
import Timing

/// The invariants of a simulation.
enum Invariant: String, CaseIterable {
    case quality
    case novelty
    case generativity
    case lone
    case holders
    case windows
    case counters
    case pauses
    case standstills
    case slots
    case summaries
    case clocks
    case influence
    case wilson
    case ranks
    case robust
    case liars
    case frozen
    case skew

    var sentence: String {
        switch self {
        case .quality: "every quality is in 0...1"
        case .novelty: "every N is in 0...1"
        case .generativity: "every G* is in 0...1"
        case .lone: "with fewer than two live peers, N is 0 and the built-in G* at most 0.30"
        case .holders: "of several live peers with one node id, the first holder counts"
        case .windows: "a window contains no expired pull and no more pulls than fit"
        case .counters: "no counter decreases while a node runs"
        case .pauses: "a pause of the node itself fails no pull: the slot is missed"
        case .standstills: "peers that were live before a pause of the node are live after it"
        case .slots: "slots elapsed = pulls ended + pulls in flight + slots missed, at each node"
        case .summaries: "all nodes accept the summaries of honest nodes"
        case .clocks: "a federation whose clocks are never set makes the same decisions"
        case .influence: "each influence is N minus the N of the other peers, the largest first"
        case .wilson: "the intervals of success rates contain at least 93 % of drawn rates"
        case .ranks: "the intervals of p95 contain the p95 as often as their confidence says"
        case .robust: "one liar among ten peers moves the robust N by less than 0.1"
        case .liars: "a liar among 3, 5, 10 or 100 peers has the largest influence"
        case .frozen: "a peer with one summary for three days is up, stale, and not in N"
        case .skew: "a peer whose clock is ten years off, but ticks, is never stale"
        }
    }
}

/// An invariant that did not hold.
struct Violation: Error {
    var invariant: Invariant
    var node: String
    var at: Instant
    var detail: String
}

/// Counts the checks, because a run without checks shows nothing.
struct Checks {
    private var counts = Array(repeating: 0, count: Invariant.allCases.count)

    /// Counts a check of `invariant`, and throws if it does not hold.
    mutating func expect(
        _ invariant: Invariant,
        _ holds: Bool,
        _ node: String,
        _ at: Instant,
        _ detail: @autoclosure () -> String
    ) throws(Violation) {
        counts[invariant.index] += 1
        guard holds else {
            throw Violation(invariant: invariant, node: node, at: at, detail: detail())
        }
    }

    /// The number of checks of `invariant`.
    subscript(invariant: Invariant) -> Int { counts[invariant.index] }
}

extension Invariant {
    fileprivate var index: Int { Self.allCases.firstIndex(of: self) ?? 0 }
}
