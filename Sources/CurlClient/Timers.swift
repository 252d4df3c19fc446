/// When libcurl wants to be called, for each multi handle.
///
/// An array that is searched, not a heap: a handle moves its timer with every step of a transfer, a
/// heap would keep each old place until it is due, and there are few handles.
struct Timers {
    /// `Int64.max` where none is wanted; the index is the shard's.
    private var due: [Int64] = []

    /// The earliest, if there is one.
    var next: Int64? {
        due.min().flatMap { $0 == .max ? nil : $0 }
    }

    /// Replaces the timer of one shard; nil stops it.
    mutating func set(_ time: Int64?, for shard: Int) {
        while due.count <= shard { due.append(.max) }
        due[shard] = time ?? .max
    }

    /// Takes the timers that are due, by shard.
    mutating func takeDue(at now: Int64) -> [Int] {
        let shards = due.indices.filter { due[$0] <= now }
        for shard in shards { due[shard] = .max }
        return shards
    }
}
