import Synchronization

/// One request and its answer, from the end of the head until the last byte is sent.
///
///     accepted ──ready page──▶ queued, and done
///        ├────small page────────────────────▶ answered ──▶ queued
///        └──large page──▶ admitted ──▶ waiting ──resumed──▶┘
///
/// The library's thread moves it, but to `answered`, which any thread may, once.
final class Exchange: Sendable {
    /// Where an exchange stands.
    private enum Stage: ~Copyable {
        /// The head is in.
        case accepted
        /// The page is to be computed, and the connection is not suspended yet.
        case admitted
        /// The connection is suspended, and this is the right to resume it.
        case waiting(Resumption)
        /// The page that was to be computed is here.
        case answered(Page)
    }

    private let stage = Mutex(Stage.accepted)
    private let connection: OpenConnection?

    /// The head is in.
    init(on connection: OpenConnection?, head: Extent) {
        self.connection = connection
        connection?.begin(head, at: Moment.now())
    }

    /// The response is sent, or never will be.
    func end() { connection?.end(at: Moment.now()) }

    /// Waits for a page from the next call on; before any other thread knows the exchange.
    func admit() {
        stage.withLock { $0 = .admitted }
        connection?.suspend(for: self)
    }

    /// What the next call about it has to do.
    enum Step {
        /// It has no answer and waits for none.
        case answer
        case send(Page)
        /// The connection is suspended until its page is here.
        case wait
    }

    /// The library calls again: suspends the connection if the page is not here.
    ///
    /// Not in the call that admits it: until the library has been left once without an answer it
    /// reads from a connection before it asks again, and drops one whose client has closed its
    /// sending side and waits for the page.
    func proceed(on connection: borrowing ConnectionHandle) -> Step {
        stage.withLock { stage in
            switch consume stage {
            case .accepted:
                stage = .accepted
                return .answer
            case .admitted:
                stage = .waiting(connection.suspend())
                return .wait
            case .waiting(let resumption):
                // Not called while the connection is suspended.
                stage = .waiting(resumption)
                return .wait
            case .answered(let page):
                stage = .answered(page)
                return .send(page)
            }
        }
    }

    /// Hands the page over and resumes the connection, from any thread; false if it has one.
    @discardableResult
    func finish(_ page: Page) -> Bool {
        var isFirst = true
        var wasSuspended = true
        let resumption = stage.withLock { stage -> Resumption? in
            switch consume stage {
            case .accepted:
                stage = .answered(page)
                wasSuspended = false
                return nil
            case .admitted:
                stage = .answered(page)
                return nil
            case .waiting(let resumption):
                stage = .answered(page)
                return resumption
            case .answered(let first):
                stage = .answered(first)
                isFirst = false
                return nil
            }
        }
        if isFirst && wasSuspended { connection?.resume() }
        // Not under the lock, which the library's thread asks for as soon as it is woken.
        resumption?.resume()
        return isFirst
    }
}
