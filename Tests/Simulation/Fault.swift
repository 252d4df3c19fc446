/// A planted fault, which shows that an invariant can fail.
enum Fault: String, CaseIterable {
    case quality
    case novelty
    case generativity
    case cap
    case live
    case holders
    case windows
    case counters
    case pauses
    case standstills
    case slots
    case beat
    case summaries
    case clocks
    case influence
    case wilson
    case ranks
    case robust
    case liars
    case frozen
    case skew
    case trust
    case bytes
    case idle

    /// The behaviour of a node with this fault.
    var sentence: String {
        switch self {
        case .quality: "the weights of a quality are not divided by their sum"
        case .novelty: "N is the standard deviation divided by 0.05, not clipped"
        case .generativity: "the weights of G* are percentages, and nothing is clipped"
        case .cap: "the cap of a single node is missing"
        case .live: "a peer is live for a day after its last answer"
        case .holders: "of several peers with one node id, the last to answer counts"
        case .windows: "a window keeps pulls for a day"
        case .counters: "a node returns to its ledger of a minute ago"
        case .pauses: "a pull that timed out during a pause counts as failed"
        case .standstills: "a node does not notice its standstills"
        case .slots: "a pull that was lost to a pause is not counted"
        case .beat: "a restarted node has other phases"
        case .summaries: "a summary is published before its ts is set"
        case .clocks: "ages use the wall clock once it is ahead"
        case .influence: "N without a peer uses the mean of all peers"
        case .wilson: "the interval of a success rate is half as wide"
        case .ranks: "the interval of a p95 is half as wide"
        case .robust: "the robust N is the standard deviation too"
        case .liars: "the smallest influence comes first"
        case .frozen: "no numbers are ever stale"
        case .skew: "numbers are stale if their ts differs from our clock by the limit"
        case .trust: "a node does not suspect itself; only with --detection"
        case .bytes: "nodes are visited in the order of a Set; only a second run reveals it"
        case .idle: "no node ever starts, so there is nothing to check"
        }
    }
}
