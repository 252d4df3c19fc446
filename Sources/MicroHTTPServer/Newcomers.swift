/// The connections that the library does not have yet, in the order in which they were accepted:
/// the first is the longest idle.
///
/// Removal is free: removed entries are skipped later.
struct Newcomers {
    private struct Arrival {
        var descriptor: CInt
        var number: Int
    }

    private var arrivals: [Arrival] = []
    private var first = 0
    private var numbers: [CInt: Int] = [:]
    private var next = 0

    var count: Int { numbers.count }

    mutating func append(_ descriptor: CInt) {
        next += 1
        numbers[descriptor] = next
        arrivals.append(Arrival(descriptor: descriptor, number: next))
        // At most about half of the list are removed entries.
        if arrivals.count > 2 * count + 64 { forgetThoseThatLeft() }
    }

    mutating func remove(_ descriptor: CInt) { numbers[descriptor] = nil }

    /// The longest idle, sparing the newest.
    mutating func takeFirst(_ wanted: Int, sparingLast spared: Int) -> [CInt] {
        var taken: [CInt] = []
        while taken.count < wanted, count > spared, first < arrivals.count {
            let arrival = arrivals[first]
            first += 1
            guard numbers[arrival.descriptor] == arrival.number else { continue }
            numbers[arrival.descriptor] = nil
            taken.append(arrival.descriptor)
        }
        return taken
    }

    private mutating func forgetThoseThatLeft() {
        arrivals = arrivals[first...].filter { numbers[$0.descriptor] == $0.number }
        first = 0
    }
}
