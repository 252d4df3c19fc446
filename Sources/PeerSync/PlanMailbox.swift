internal import Federation
internal import Synchronization

/// Where a plan waits until the loop takes it: one at a time, answered exactly once.
///
///     open ──put──▶ waiting ──take, answer──▶ open
///       └────────────close, which answers──────▶ closed
///
/// From any thread.
final class PlanMailbox: Sendable {
    /// A plan, and who waits for what came of it.
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

    /// Leaves a plan; false, and the answer is nil, if the loop has ended.
    func put(_ waiting: Waiting) -> Bool {
        let isOpen = state.withLock { state in
            switch state {
            case .closed: return false
            case .waiting: preconditionFailure("one caller at a time hands over a plan")
            case .open:
                state = .waiting(waiting)
                return true
            }
        }
        if !isOpen { waiting.answer.resume(returning: nil) }
        return isOpen
    }

    /// What was left, if something was; whoever takes it answers it.
    func take() -> Waiting? {
        state.withLock { state in
            guard case .waiting(let waiting) = state else { return nil }
            state = .open
            return waiting
        }
    }

    /// The loop has ended: nothing is taken any more.
    func close() {
        let left = state.withLock { state in
            defer { state = .closed }
            if case .waiting(let waiting) = state { return waiting as Waiting? }
            return nil
        }
        left?.answer.resume(returning: nil)
    }
}
