/// Reports the begin and the end of a shortage, not each event of it.
///
///     enough ──note──▶ short ──nothing noted for a minute──▶ enough
struct Shortage {
    /// A shortage ends when nothing was noted for this time.
    static let calm: Duration = .seconds(60)

    private var last: Duration?
    /// The sum noted since it began.
    private(set) var count = 0

    /// Notes an event; true if it begins a shortage.
    mutating func note(_ count: Int = 1, at now: Duration) -> Bool {
        let begins = last == nil
        self.count = (begins ? 0 : self.count) + count
        last = now
        return begins
    }

    /// The sum, once, when the shortage has ended.
    mutating func settle(at now: Duration) -> Int? {
        guard let last, now - last >= Self.calm else { return nil }
        self.last = nil
        return count
    }

    var isOn: Bool { last != nil }
}
