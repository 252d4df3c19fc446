internal import DequeModule
package import Timing

/// The addresses of host names, and the lookups to start next.
///
/// A value: `CurlClient` runs the lookups. A fetch needs a lookup if its name is unknown, or if the
/// answer is older than `freshFor`. Each name has one lookup at a time. The last good answer stays
/// in use while a lookup runs, and after it failed. Names that resolved before have a lane of their
/// own, so that names that never resolve cannot starve them.
///
///     unknown ──resolve──▶ waiting ──answer──▶ known ──resolve, stale──▶ refreshing ──▶ known
///        ▲                  │ failure
///        └──────────────────┘
struct NameTable {
    /// The age from which an answer is refreshed.
    static let freshFor = Duration.seconds(30)
    /// The maximum number of addresses that are used for one name.
    static let addressesPerName = 32
    /// The maximum number of lookups that run in each of the two lanes.
    static let lookupsPerLane = 4

    /// The last good answer for a name.
    struct Answer {
        /// Numeric, IPv6 in brackets, in the resolver's order.
        var addresses: [String]
        var at: Instant
    }

    private struct Lane {
        var pending: Deque<String> = []
        var running = 0
    }

    private var answers: [String: Answer] = [:]
    /// The address to try first, if another address of the name failed.
    private var preferred: [String: String] = [:]
    /// The lookups that are pending or running, by name; a forgotten name is no longer needed.
    private var lookups: [String: (lane: Int, isForgotten: Bool)] = [:]
    /// The serial numbers of the fetches that wait for the first answer for a name.
    private var waiting: [String: Set<Int>] = [:]
    /// Index 0: names that never resolved; 1: names that resolved before.
    private var lanes = [Lane(), Lane()]

    /// Returns the last answer for `name`, and requests a lookup if it is due.
    ///
    /// - Returns: Nil if the name never resolved; then `endLookup` returns this fetch, unless it
    ///   stops waiting.
    mutating func resolve(_ name: String, for serial: Int, at now: Instant) -> Answer? {
        lookups[name]?.isForgotten = false
        let answer = answers[name]
        let isFresh = answer.map { now - $0.at < Self.freshFor } ?? false
        if !isFresh, lookups[name] == nil {
            let lane = answer == nil ? 0 : 1
            lookups[name] = (lane, isForgotten: false)
            lanes[lane].pending.append(name)
        }
        if answer == nil { waiting[name, default: []].insert(serial) }
        return answer
    }

    /// Stops waiting for a name: only fetches in flight may have an entry in `waiting`.
    mutating func stopWaiting(_ serial: Int, for name: String?) {
        guard let name else { return }
        waiting[name]?.remove(serial)
        if waiting[name]?.isEmpty == true { waiting[name] = nil }
    }

    /// The last good answers, to restore them in another process.
    var known: [KnownAddresses] {
        answers.map { KnownAddresses(name: $0, addresses: $1.addresses, at: $1.at) }
            .sorted { $0.name < $1.name }
    }

    /// Takes over answers of another process, except for names that have one.
    mutating func restore(_ known: [KnownAddresses]) {
        for known in known where answers[known.name] == nil && !known.addresses.isEmpty {
            let addresses = Array(known.addresses.prefix(Self.addressesPerName))
            answers[known.name] = Answer(addresses: addresses, at: known.at)
        }
    }

    /// Drops the answer for a name that is no longer needed; no fetch may be waiting for it.
    mutating func forget(_ name: String) {
        answers[name] = nil
        preferred[name] = nil
        lookups[name]?.isForgotten = true
    }

    /// Makes `address` the first to try, as long as the name has it.
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

    /// Takes a name to look up now; nil if no lookup is pending in a lane with room.
    ///
    /// Call it until it returns nil.
    mutating func takeNextLookup() -> String? {
        for lane in lanes.indices where lanes[lane].running < Self.lookupsPerLane {
            while let name = lanes[lane].pending.popFirst() {
                if lookups[name]?.isForgotten == true {
                    lookups[name] = nil
                    continue
                }
                lanes[lane].running += 1
                return name
            }
        }
        return nil
    }

    /// Records the end of a lookup; nil addresses mean failure and keep the last good answer.
    ///
    /// - Returns: The fetches that waited for it, in the order of their start.
    mutating func endLookup(of name: String, addresses: [String]?, at now: Instant) -> [Int] {
        let lookup = lookups.removeValue(forKey: name)
        if let lookup { lanes[lookup.lane].running -= 1 }
        if lookup?.isForgotten != true, let addresses {
            answers[name] = Answer(addresses: ordered(addresses, of: name), at: now)
        }
        return waiting.removeValue(forKey: name)?.sorted() ?? []
    }
}

/// The last good answer for a name.
package struct KnownAddresses: Sendable {
    package var name: String
    /// Numeric, IPv6 in brackets, in the order in which they are tried.
    package var addresses: [String]
    /// When the resolver gave them.
    package var at: Instant

    package init(name: String, addresses: [String], at: Instant) {
        (self.name, self.addresses, self.at) = (name, addresses, at)
    }
}

/// Why a name has no address, with the resolver's error text.
struct LookupFailure: Error {
    /// The longest time that a name server takes to refuse an answer.
    ///
    /// The resolver waits 5 s for a server that does not respond, and asks it twice.
    static let refusalTime = Duration.seconds(1)

    var detail: String
    /// Whether no name server answered, as opposed to a refusal.
    ///
    /// The resolver has one code for both; `refusalTime` distinguishes them.
    var isTimeout = false
    /// Whether this process could not start the lookup, which is no evidence about the name.
    var isLocal = false
}
