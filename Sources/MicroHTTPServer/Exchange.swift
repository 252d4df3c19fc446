import Synchronization

/// One request and its response, from the end of the head until the last byte is sent.
///
///     accepted ──ready page──▶ queued
///        ├────small page────────────────────▶ answered ──▶ queued
///        └──large page──▶ admitted ──▶ waiting ──resumed──▶┘
///
/// The library's thread changes the stage, except to `answered`, which any thread may do once.
final class Exchange: Sendable {
    private enum Stage: ~Copyable {
        /// The head is complete.
        case accepted
        /// Waits for its page; the connection is not suspended yet.
        case admitted
        /// The connection is suspended, and this is the right to resume it.
        case waiting(Resumption)
        /// The page is computed.
        case answered(Page)
    }

    private let stage = Mutex(Stage.accepted)
    let destination: Destination
    let connection: OpenConnection?

    init(on connection: OpenConnection?, head: Extent, for destination: Destination) {
        self.connection = connection
        self.destination = destination
        connection?.begin(head, at: .coarse())
    }

    /// The response was sent, or never will be.
    func end() { connection?.end(at: .coarse()) }

    /// Makes the next call suspend the connection; before any other thread has the exchange.
    func admit() {
        stage.withLock { $0 = .admitted }
        connection?.suspend(for: self)
    }

    /// The action of a call of the library.
    enum Step {
        /// The handler must answer.
        case answer
        case send(Page)
        /// The connection is suspended until its page is computed.
        case wait
    }

    /// Handles a call of the library: suspends the connection if the page is not computed yet.
    ///
    /// The call that admits the exchange must not suspend it: until one call returned without a
    /// response, the library reads from a resumed connection first, and drops one whose client has
    /// closed its sending side.
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

    /// Sets the page and resumes the connection, from any thread; false if there is a page already.
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
        // After the lock is released, because the library's thread takes it as soon as it wakes.
        resumption?.resume()
        return isFirst
    }
}
