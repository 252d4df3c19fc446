internal import Timing

/// The timer of each multi handle.
///
/// An array with linear search instead of a heap: libcurl moves a timer at every step of a
/// transfer, a heap would keep each old entry until it is due, and handles are few.
struct Timers {
    /// By shard; `distantFuture` without a timer.
    private var due: [Instant] = []

    var next: Instant? {
        due.min().flatMap { $0 == .distantFuture ? nil : $0 }
    }

    /// Replaces the timer of one shard; nil stops it.
    mutating func set(_ time: Instant?, for shard: Int) {
        while due.count <= shard { due.append(.distantFuture) }
        due[shard] = time ?? .distantFuture
    }

    /// Stops the timers that are due, and returns their shards.
    mutating func takeDue(at now: Instant) -> [Int] {
        let shards = due.indices.filter { due[$0] <= now }
        for shard in shards { due[shard] = .distantFuture }
        return shards
    }
}
