internal import Dispatch
internal import Synchronization

/// Runs work that may block for good, such as reading from a file system that hangs, away from the
/// threads that tasks share.
///
/// Work has a deadline. Work that misses it keeps its thread until the kernel lets go of it, and
/// what comes next gets another thread. While `maximumStuck` threads are stuck, nothing new is
/// started, and `run` reports it late at once.
package final class BlockingWork: Sendable {
    /// What became of a piece of work.
    package enum Outcome<Value: Sendable>: Sendable {
        case done(Value)
        /// It may still be running; its result is dropped.
        case late
        /// The task was cancelled meanwhile.
        case cancelled
    }

    private struct State {
        /// Serial, so that one piece of work has one thread.
        var queue: DispatchQueue
        var stuck = 0
    }

    private let label: String
    private let maximumStuck: Int
    /// How many threads may be stuck unless a user of this type says otherwise.
    static let mostStuck = 4
    private let state: Mutex<State>

    /// `label` names the threads.
    package init(_ label: String, maximumStuck: Int = mostStuck) {
        self.label = label
        self.maximumStuck = maximumStuck
        state = Mutex(State(queue: DispatchQueue(label: label)))
    }

    /// Runs `work` and waits for it until the deadline; one call at a time.
    package func run<Value: Sendable>(
        within deadline: Duration,
        _ work: @escaping @Sendable () -> Value
    ) async -> Outcome<Value> {
        let queue = state.withLock { $0.stuck < maximumStuck ? $0.queue : nil }
        guard let queue else { return .late }
        let (outcomes, outcome) = AsyncStream.makeStream(
            of: Outcome<Value>.self,
            bufferingPolicy: .bufferingOldest(1)
        )
        queue.async { outcome.yield(.done(work())) }
        let timer = Task {
            guard (try? await Task.sleep(for: deadline)) != nil else { return }
            outcome.yield(.late)
        }
        defer { timer.cancel() }
        for await first in outcomes {
            if case .late = first { leave(queue) }
            return first
        }
        return .cancelled
    }

    /// Uses another thread from now on, and counts this one as stuck until its work has ended.
    private func leave(_ queue: DispatchQueue) {
        state.withLock { state in
            state.stuck += 1
            state.queue = DispatchQueue(label: label)
        }
        queue.async { [self] in state.withLock { $0.stuck -= 1 } }
    }
}
