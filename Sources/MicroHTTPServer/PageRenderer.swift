internal import Dispatch
import Synchronization

/// Carries out what `ComputedPages` decides: renders pages, and answers the requests for them.
///
/// A connection is suspended only while its exchange waits here for a page. An exchange gets its
/// page and is resumed under the lock. So after `close()` no connection is suspended and none will
/// be; otherwise MHD_stop_daemon(3) aborts the process.
final class PageRenderer: Sendable {
    private let counts: PageCounts
    private let draining = Atomic(false)
    private let pages: Mutex<ComputedPages>
    /// Renders large pages one at a time: each keeps a core busy, and pulls need the others.
    private let renderer = DispatchQueue(label: "http-pages")
    /// Wakes up at deadlines, also while `renderer` is busy.
    private let watch = DispatchQueue(label: "http-late")

    init(_ configuration: Configuration, counts: PageCounts) {
        self.counts = counts
        pages = Mutex(ComputedPages(configuration))
    }

    var isDraining: Bool { draining.load(ordering: .relaxed) }

    /// From now on every response closes its connection.
    func beginDraining() { draining.store(true, ordering: .relaxed) }

    /// Renders a small page on this thread, or shares one that is being sent; nil if it is refused.
    func render(_ page: ComputedPage) -> Page? {
        let conditions = conditions
        switch pages.withLock({ $0.askSmall(page.key, in: conditions) }) {
        case .share(let page): return page
        case .refuse(let refusal):
            counts.refuse(for: refusal)
            return nil
        case .render:
            let response = page.render()
            return pages.withLock { pages in
                // In one step, so that a request that counts the page's bytes can share it.
                let rendered = Page(response, closing: isDraining, counts: counts)
                pages.sendSmall(rendered, for: page.key, began: conditions.now)
                return rendered
            }
        }
    }

    /// Queues a large page for an exchange, or answers the exchange.
    func admit(_ exchange: Exchange, _ page: ComputedPage) {
        exchange.admit()
        event { $0.ask(page, for: exchange, in: $1) }
    }

    /// Answers all waiting and later exchanges with a 503.
    func close() {
        event { pages, _ in pages.close() }
    }

    private var conditions: ComputedPages.Conditions {
        .init(now: .now, heldBytes: counts.heldBytes, isDraining: isDraining)
    }

    private func event(
        _ body: (inout ComputedPages, ComputedPages.Conditions) -> [ComputedPages.Action]
    ) {
        pages.withLock { pages in
            for action in body(&pages, conditions) { perform(action) }
        }
    }

    private func perform(_ action: ComputedPages.Action) {
        switch action {
        case .render(let page):
            renderer.async { [self] in
                let rendered = Page(page.render(), closing: isDraining, counts: counts)
                event { $0.rendered(rendered, in: $1) }
            }
        case .answer(let exchanges, .page(let page)): answer(exchanges, page)
        case .answer(let exchanges, .late): answer(exchanges, page(.late))
        case .answer(let exchanges, .stopping): answer(exchanges, Page(.stopping, closing: true))
        case .answer(let exchanges, .refused(let refusal)):
            for _ in exchanges { counts.refuse(for: refusal) }
            answer(exchanges, page(.refused(refusal)))
        case .wake(let moment):
            let wait = max(moment - .now, .milliseconds(1)) / .nanoseconds(1)
            watch.asyncAfter(deadline: .now() + .nanoseconds(Int(wait))) { [weak self] in
                self?.event { $0.wake(in: $1) }
            }
        }
    }

    private func page(_ response: Response) -> Page { Page(response, closing: isDraining) }

    private func answer(_ exchanges: [Exchange], _ page: Page) {
        for exchange in exchanges { exchange.finish(page) }
    }
}
