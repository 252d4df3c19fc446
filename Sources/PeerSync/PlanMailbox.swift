internal import Federation
internal import Synchronization

/// Passes one plan at a time to the loop; each is answered exactly once.
///
///     open ──put──▶ waiting ──take, answer──▶ open
///       └────────────close, which answers──────▶ closed
///
/// From any thread.
final class PlanMailbox: Sendable {
    /// A plan, and the caller that waits for its result.
    struct Waiting: Sendable {
        var plan: PullPlan
        var answer: CheckedContinuation<PeerChanges?, Never>
    }

    private enum State {
        case open
        case waiting(Waiting)
        case closed
    }

    private let state = Mutex(State.open)

    /// Puts a plan; returns false and answers nil if the loop has ended.
    func put(_ waiting: Waiting) -> Bool {
        let isOpen = state.withLock { state in
            switch state {
            case .closed: return false
            case .waiting: preconditionFailure("only one caller at a time may put a plan")
            case .open:
                state = .waiting(waiting)
                return true
            }
        }
        if !isOpen { waiting.answer.resume(returning: nil) }
        return isOpen
    }

    /// Takes the waiting plan, if any; the caller must answer it.
    func take() -> Waiting? {
        state.withLock { state in
            guard case .waiting(let waiting) = state else { return nil }
            state = .open
            return waiting
        }
    }

    /// Rejects all later plans, because the loop has ended.
    func close() {
        let left = state.withLock { state in
            defer { state = .closed }
            if case .waiting(let waiting) = state { return waiting as Waiting? }
            return nil
        }
        left?.answer.resume(returning: nil)
    }
}
