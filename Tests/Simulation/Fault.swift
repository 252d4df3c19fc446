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
    case bytes
    case idle

    /// What is wrong with a node that has it.
    var sentence: String {
        switch self {
        case .quality: "the weights of a quality are not divided by their sum"
        case .novelty: "N is the spread by 0.05, unclipped"
        case .generativity: "the weights of G* are taken for per cent, and nothing is clipped"
        case .cap: "the cap of a single node is forgotten"
        case .live: "a peer is live for a day after its last answer"
        case .holders: "of the peers with one node id, the one that answered last counts"
        case .windows: "nothing leaves a window for a day"
        case .counters: "a node goes back to the ledger that it had a minute ago"
        case .pauses: "a pull that timed out while we were paused is held against the peer"
        case .standstills: "a node does not notice that it stood still"
        case .slots: "a pull that was lost to our own pause is counted nowhere"
        case .beat: "a node that restarts takes another beat"
        case .summaries: "a summary goes out before its moment is set"
        case .clocks: "ages are taken from the wall clock once that is ahead"
        case .bytes: "nodes are walked in the order of a Set; only two runs can show it"
        case .idle: "no node ever starts, so there is nothing to look at"
        }
    }
}
