/// Something that is short from time to time: says when that began and when it is over, not each
/// time that it happens.
///
///     enough ──note──▶ short ──nothing noted for a minute──▶ enough
struct Shortage {
    /// It is over when nothing was noted for so long.
    static let calm: Duration = .seconds(60)

    private var last: Duration?
    /// What was noted since it began.
    private(set) var count = 0

    /// Takes note; true if it begins with this.
    mutating func note(_ count: Int = 1, at now: Duration) -> Bool {
        let begins = last == nil
        self.count = (begins ? 0 : self.count) + count
        last = now
        return begins
    }

    /// How much was noted, if it is over; once.
    mutating func settle(at now: Duration) -> Int? {
        guard let last, now - last >= Self.calm else { return nil }
        self.last = nil
        return count
    }

    var isOn: Bool { last != nil }
}
