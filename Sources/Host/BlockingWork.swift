internal import Dispatch
internal import Synchronization

/// Runs work that may block forever, such as reading from a hung file system, on its own threads.
///
/// Work has a deadline. Work that misses it keeps its thread until the kernel returns, and the next
/// work gets another thread. While `maximumStuck` threads are stuck, `run` starts nothing and
/// returns `.late` at once.
package final class BlockingWork: Sendable {
    /// How a piece of work ended.
    package enum Outcome<Value: Sendable>: Sendable {
        case done(Value)
        /// It missed its deadline and may still be running; its result is discarded.
        case late
        /// The calling task was cancelled.
        case cancelled
    }

    private struct State {
        /// Serial, so that it uses one thread.
        var queue: DispatchQueue
        var stuck = 0
    }

    private let label: String
    private let maximumStuck: Int
    static let defaultMaximumStuck = 4
    private let state: Mutex<State>

    /// Names the threads after `label`.
    package init(_ label: String, maximumStuck: Int = defaultMaximumStuck) {
        self.label = label
        self.maximumStuck = maximumStuck
        state = Mutex(State(queue: DispatchQueue(label: label)))
    }

    /// Runs `work` and waits for it until the deadline; call it from one task at a time.
    package func run<Value: Sendable>(
        within deadline: Duration,
        _ work: @escaping @Sendable () -> Value
    ) async -> Outcome<Value> {
        guard let queue = state.withLock({ $0.stuck < maximumStuck ? $0.queue : nil })
        else { return .late }
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
            if case .late = first { abandon(queue) }
            return first
        }
        return .cancelled
    }

    /// Switches to another thread, and counts this one as stuck until its work ends.
    private func abandon(_ queue: DispatchQueue) {
        state.withLock { state in
            state.stuck += 1
            state.queue = DispatchQueue(label: label)
        }
        queue.async { [self] in state.withLock { $0.stuck -= 1 } }
    }
}
