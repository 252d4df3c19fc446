import Synchronization

/// The pending occasions to save; occasions that arrive during a save are merged.
///
/// A stream ends for good when a task that waits for it is cancelled. So no wait for one occasion
/// is cancelled because of the other.
final class SaveOccasions: Sendable {
    enum Occasion: Sendable {
        /// There are new events.
        case events
        /// The state is due, and new events with it.
        case state
    }

    private struct State {
        var hasEvents = false
        var isDue = true
    }

    private let state = Mutex(State())
    private let arrivals: AsyncStream<Void>
    private let arrival: AsyncStream<Void>.Continuation

    /// Begins with the state.
    init() {
        (arrivals, arrival) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
        arrival.yield()
    }

    /// Calls `body` for each occasion, one at a time, until the task is cancelled.
    ///
    /// `events` yields when there are new events. After each `pause` the state is due.
    func each(
        events: AsyncStream<Void>,
        pause: @escaping @Sendable () -> Duration,
        _ body: @Sendable (Occasion) async -> Void
    ) async {
        await withTaskGroup { group in
            group.addTask { [self] in for await _ in events { add { $0.hasEvents = true } } }
            group.addTask { [self] in
                while (try? await Task.sleep(for: pause())) != nil { add { $0.isDue = true } }
            }
            for await _ in arrivals {
                if let occasion = take() { await body(occasion) }
            }
            group.cancelAll()
        }
    }

    private func add(_ change: (inout State) -> Void) {
        state.withLock { change(&$0) }
        arrival.yield()
    }

    private func take() -> Occasion? {
        state.withLock { state in
            defer { state = State(hasEvents: false, isDue: false) }
            return state.isDue ? .state : state.hasEvents ? .events : nil
        }
    }
}
