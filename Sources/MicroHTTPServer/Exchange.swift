import Synchronization

/// One request and its answer, from the end of the head until the last byte is sent.
///
///     accepted ──ready page──▶ queued, and done
///        ├────computed on the spot────▶ answered ──▶ queued
///        └──computed──▶ waiting ──resumed──▶┘
///
/// The library's thread moves it, but to `answered`, which any thread may, once.
final class Exchange: Sendable {
    /// Where an exchange stands.
    private enum Stage: ~Copyable {
        /// The head is in.
        case accepted
        /// The connection is suspended, and this is the right to resume it.
        case waiting(Resumption)
        /// The page that was to be computed is here.
        case answered(Page)

        var page: Page? {
            switch self {
            case .answered(let page): page
            default: nil
            }
        }
    }

    private let stage = Mutex(Stage.accepted)

    /// The page that was computed for it.
    var page: Page? {
        stage.withLock { $0.page }
    }

    /// Its page if that is here already; else suspends the connection until it is.
    func wait(on connection: borrowing ConnectionHandle) -> Page? {
        stage.withLock { stage in
            if let page = stage.page { return page }
            stage = .waiting(connection.suspend())
            return nil
        }
    }

    /// Hands the page over and resumes the connection, from any thread; only the first call counts.
    func finish(_ page: Page) {
        let resumption = stage.withLock { stage -> Resumption? in
            switch consume stage {
            case .accepted:
                stage = .answered(page)
                return nil
            case .waiting(let resumption):
                stage = .answered(page)
                return resumption
            case .answered(let first):
                stage = .answered(first)
                return nil
            }
        }
        // Not under the lock, which the library's thread asks for as soon as it is woken.
        resumption?.resume()
    }
}
