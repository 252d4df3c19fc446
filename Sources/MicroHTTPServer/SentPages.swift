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

    /// The latest page of a key, if its computation began no longer ago than `age`.
    func page(for key: String, noOlderThan age: Duration, at now: ContinuousClock.Instant) -> Page?
    {
        entries[key].flatMap { now - $0.began <= age ? $0.page : nil }
    }

    /// Takes note of a page, and forgets those that nobody sends any more.
    mutating func note(_ page: Page, for key: String, began: ContinuousClock.Instant) {
        entries = entries.filter { $0.value.page != nil }
        entries[key] = Entry(began: began, page: page)
    }
}
