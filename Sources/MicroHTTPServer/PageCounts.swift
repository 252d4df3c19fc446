import Synchronization

/// Why a computed page is refused with a 503 before it is computed.
package enum PageRefusal: String, CaseIterable, Sendable {
    /// As many pages as may be are waiting to be computed.
    case busy
    /// Clients that read slowly or not at all hold as many bytes of pages as may be.
    case backlog
}

/// What the computed pages of a server come to; from any thread.
package final class PageCounts: Sendable {
    private let bytes = Atomic(0)
    private let busy = Atomic(0)
    private let backlog = Atomic(0)

    package init() {}

    /// Bytes of the computed pages that are in memory, each once, however many clients get it.
    package var heldBytes: Int { bytes.load(ordering: .relaxed) }

    /// How many requests were refused since the start.
    package func refusals(for reason: PageRefusal) -> Int {
        switch reason {
        case .busy: busy.load(ordering: .relaxed)
        case .backlog: backlog.load(ordering: .relaxed)
        }
    }

    func hold(_ count: Int) { bytes.add(count, ordering: .relaxed) }

    func release(_ count: Int) { bytes.subtract(count, ordering: .relaxed) }

    func refuse(for reason: PageRefusal) {
        switch reason {
        case .busy: busy.add(1, ordering: .relaxed)
        case .backlog: backlog.add(1, ordering: .relaxed)
        }
    }
}
