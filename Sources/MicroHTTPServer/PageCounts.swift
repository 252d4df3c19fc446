import Synchronization

/// Why a computed page is refused with a 503 before it is computed.
package enum PageRefusal: String, CaseIterable, Sendable {
    /// The queue of pages to be computed is full.
    case busy
    /// Clients that read slowly or not at all hold the maximum number of bytes of pages.
    case backlog
}

/// The counters of computed pages, for metrics; from any thread.
package final class PageCounts: Sendable {
    private let bytes = Atomic(0)
    private let refusals = Mutex<[PageRefusal: Int]>([:])

    package init() {}

    /// The bytes of the computed pages in memory; a page counts once, however many clients get it.
    package var heldBytes: Int { bytes.load(ordering: .relaxed) }

    /// How many requests were refused since the start.
    package func refusals(for reason: PageRefusal) -> Int {
        refusals.withLock { $0[reason, default: 0] }
    }

    func hold(_ count: Int) { bytes.add(count, ordering: .relaxed) }

    func release(_ count: Int) { bytes.subtract(count, ordering: .relaxed) }

    func refuse(for reason: PageRefusal) { refusals.withLock { $0[reason, default: 0] += 1 } }
}
