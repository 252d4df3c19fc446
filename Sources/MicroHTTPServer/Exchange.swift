import Synchronization

/// One request and its answer, from the end of the head until the last byte is sent.
///
///     accepted ──ready page──▶ queued, and done
///         └──computed──▶ waiting ──resumed──▶ answered ──▶ queued
///
/// The library's thread moves it, but for `waiting` to `answered`, which any thread may, once.
final class Exchange: Sendable {
    /// Where an exchange stands.
    private enum Stage: ~Copyable {
        /// The head is in.
        case accepted
        /// The connection is suspended, and this is the right to resume it.
        case waiting(Resumption)
        /// The page that was waited for is here.
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

    /// Waits for its page with the connection suspended.
    func wait(_ resumption: consuming Resumption) {
        var resumption = Optional(resumption)
        stage.withLock { stage in
            if let right = resumption.take() { stage = .waiting(right) }
        }
    }

    /// Hands the page over and resumes the connection, from any thread; only the first call counts.
    func finish(_ page: Page) {
        stage.withLock { stage in
            switch consume stage {
            case .waiting(let resumption):
                // The page must be there first: the other thread may look at once.
                stage = .answered(page)
                resumption.resume()
            case .accepted: stage = .accepted
            case .answered(let first): stage = .answered(first)
            }
        }
    }
}
