/// The pages that were computed lately and are still being sent, each by what was asked for.
///
/// They are held by the exchanges that send them and not in here: with the last of these a page
/// goes.
struct SentPages {
    private struct Entry {
        /// When its computation began: what it says was so then.
        let began: ContinuousClock.Instant
        weak var page: Page?
    }

    private var entries: [String: Entry] = [:]
    /// With so many entries those that nobody sends are forgotten: twice as many as were left when
    /// that was done last.
    private var limit = fewest
    private static let fewest = 16

    /// The latest page of a key, if its computation began no longer ago than `age`.
    func page(for key: String, noOlderThan age: Duration, at now: ContinuousClock.Instant) -> Page?
    {
        entries[key].flatMap { now - $0.began <= age ? $0.page : nil }
    }

    /// Takes note of a page.
    mutating func note(_ page: Page, for key: String, began: ContinuousClock.Instant) {
        if entries.count >= limit {
            entries = entries.filter { $0.value.page != nil }
            limit = max(Self.fewest, 2 * entries.count)
        }
        entries[key] = Entry(began: began, page: page)
    }
}
