/// The connections that the library does not have yet, in the order in which they were accepted,
/// so the first is the longest idle.
///
/// `remove` takes constant time: removed entries stay in the list and are skipped later.
struct Newcomers {
    private var arrivals: [(descriptor: CInt, number: Int)] = []
    private var first = 0
    /// The number of the valid entry of each connection.
    private var numbers: [CInt: Int] = [:]
    private var next = 0

    var count: Int { numbers.count }

    mutating func append(_ descriptor: CInt) {
        next += 1
        numbers[descriptor] = next
        arrivals.append((descriptor, next))
        // Keeps the removed entries to about half of the list.
        if arrivals.count > 2 * count + 64 {
            arrivals = arrivals[first...].filter { numbers[$0.descriptor] == $0.number }
            first = 0
        }
    }

    mutating func remove(_ descriptor: CInt) { numbers[descriptor] = nil }

    /// Removes and returns the longest idle, except for the newest `spared`.
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
}
