/// The recently computed pages that are still being sent, by key.
///
/// References are weak: the exchanges that send a page own it.
struct SentPages {
    private struct Entry {
        /// When its rendering started.
        let began: ContinuousClock.Instant
        weak var page: Page?
    }

    private var entries: [String: Entry] = [:]
    /// The number of entries at which released pages are removed: twice as many as remained after
    /// the last removal.
    private var limit = fewest
    private static let fewest = 16

    /// The latest page of a key, if its rendering started no longer ago than `age`.
    func page(for key: String, noOlderThan age: Duration, at now: ContinuousClock.Instant) -> Page?
    {
        entries[key].flatMap { now - $0.began <= age ? $0.page : nil }
    }

    /// Adds a page.
    mutating func note(_ page: Page, for key: String, began: ContinuousClock.Instant) {
        if entries.count >= limit {
            entries = entries.filter { $0.value.page != nil }
            limit = max(Self.fewest, 2 * entries.count)
        }
        entries[key] = Entry(began: began, page: page)
    }
}
