internal import DequeModule

/// What is known about the names of hosts, and which of them to look up next.
///
/// A value: the lookups themselves are made elsewhere.
///
/// A name is looked up when it is first asked
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
    /// The addresses of one name that are used at most.
    static let addressesPerName = 32
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
    /// The address to try first, for names with one that was tried in vain.
    private var preferred: [String: String] = [:]
    /// The names that are pending in a lane or being looked up.
    private var underWay: Set<String> = []
    /// Which GETs, by serial number, wait for the first answer about a name.
    private var waiting: [String: Set<Int>] = [:]
    /// Index 0: never resolved; 1: resolved before.
    private var lanes = [Lane(), Lane()]
    private var laneOf: [String: Int] = [:]
    /// The names that nobody needs any more although they are pending or being looked up.
    private var forgotten: Set<String> = []

    /// The addresses of `name` as last resolved; asks for a lookup if that is due.
    ///
    /// - Returns: Nil if it never was resolved; then `endLookup` will name this GET, unless it
    ///   stops waiting before.
    mutating func ask(_ name: String, for serial: Int, at now: Int64) -> Answer? {
        forgotten.remove(name)
        let answer = answers[name]
        let isFresh = answer.map { now - $0.at < Self.freshFor } ?? false
        if !isFresh, underWay.insert(name).inserted {
            lanes[answer == nil ? 0 : 1].pending.append(name)
        }
        if answer == nil { waiting[name, default: []].insert(serial) }
        return answer
    }

    /// A GET waits no longer: the memory that waiting takes is bounded by the GETs under way.
    mutating func stopWaiting(_ serial: Int, for name: String?) {
        guard let name else { return }
        waiting[name]?.remove(serial)
        if waiting[name]?.isEmpty == true { waiting[name] = nil }
    }

    /// Drops the answer about a name that no GET will have any more; nobody may be waiting for it.
    mutating func forget(_ name: String) {
        answers[name] = nil
        preferred[name] = nil
        if underWay.contains(name) { forgotten.insert(name) }
    }

    /// Has `address` tried first from now on, as long as the name has it.
    ///
    /// Otherwise each new connection to a name with a dead address would wait for that one first.
    mutating func prefer(_ address: String, for name: String) {
        guard var answer = answers[name], answer.addresses.contains(address) else { return }
        preferred[name] = address
        answer.addresses = ordered(answer.addresses, of: name)
        answers[name] = answer
    }

    private func ordered(_ addresses: [String], of name: String) -> [String] {
        guard let first = preferred[name], addresses.contains(first) else { return addresses }
        return [first] + addresses.filter { $0 != first }
    }

    /// A name to look up now; nil if there is none or its lane is full.
    ///
    /// To be called until it says nil.
    mutating func takeNextLookup() -> String? {
        for lane in lanes.indices where lanes[lane].running < Self.lookupsPerLane {
            while let name = lanes[lane].pending.popFirst() {
                if forgotten.remove(name) != nil {
                    underWay.remove(name)
                    continue
                }
                lanes[lane].running += 1
                laneOf[name] = lane
                return name
            }
        }
        return nil
    }

    /// A lookup ended; nil addresses for a failure, which leaves the last good answer as it is.
    ///
    /// - Returns: The GETs that waited for it, in the order they were started.
    mutating func endLookup(of name: String, addresses: [String]?, at now: Int64) -> [Int] {
        underWay.remove(name)
        if let lane = laneOf.removeValue(forKey: name) {
            lanes[lane].running -= 1
        }
        if forgotten.remove(name) == nil, let addresses {
            answers[name] = Answer(addresses: ordered(addresses, of: name), at: now)
        }
        return waiting.removeValue(forKey: name)?.sorted() ?? []
    }
}

/// Why a name has no address, in the resolver's words.
struct LookupFailure: Error {
    /// The longest time in nanoseconds that a name server takes to refuse an answer.
    ///
    /// The resolver waits 5 s for a server that does not respond, and asks it twice.
    static let refusalTime: Int64 = 1_000_000_000

    var detail: String
    /// Whether no name server answered, rather than that one refused.
    ///
    /// The resolver has one code for both; `refusalTime` tells them apart.
    var isTimeout = false
    /// Whether this process could not ask, which says nothing about the name.
    var isLocal = false
}
