internal import CMicroHTTPD
internal import Dispatch
internal import Glibc
import Synchronization

/// Controls the thread of an `AcceptLoop`; from any thread.
///
///     accepting ──refuse──▶ refusing, and looking after the connections there are ──end──▶ ended
final class Acceptor: Sendable {
    private enum Stage: Int {
        case accepting
        case refusing
        case ended
    }

    private let stage = Atomic(Stage.accepting.rawValue)
    /// Ends a wait of the loop: an eventfd(2).
    private let wakeUp: CInt
    /// Open once the listener is closed.
    private let refused = DispatchSemaphore(value: 0)
    /// The thread holds it for as long as it runs.
    private let loop: Mutex<AcceptLoop>
    private let thread = Mutex<ThreadHandle?>(nil)

    /// Starts accepting.
    init(
        _ listener: consuming ListeningSocket,
        _ configuration: Configuration,
        connections: Connections,
        counts: ListenerCounts,
        add: @escaping @Sendable (CInt) -> Bool,
        report: @escaping @Sendable (ListenerEvent) -> Void
    ) throws(ServerError) {
        wakeUp = eventfd(0, CInt(EFD_CLOEXEC) | CInt(EFD_NONBLOCK))
        loop = Mutex(
            try AcceptLoop(
                listener,
                wakeUp: wakeUp,
                connections: connections,
                configuration: configuration,
                counts: counts,
                add: add,
                report: report
            )
        )
        let started = try ThreadHandle(named: "http-accept") { [self] in run() }
        thread.withLock { $0 = started }
    }

    deinit { close(wakeUp) }

    /// Refuses new connections and resets those not accepted yet; returns when that is done.
    func refuse() {
        advance(to: .refusing)
        refused.wait()
        // For a second call.
        refused.signal()
    }

    /// Ends the thread and waits for it.
    func end() {
        advance(to: .ended)
        thread.withLock { $0.take() }?.join()
    }

    private func advance(to next: Stage) {
        _ = stage.max(next.rawValue, ordering: .relaxed)
        _ = eventfd_write(wakeUp, 1)
    }

    private func run() {
        loop.withLock { loop in
            while stage.load(ordering: .relaxed) == Stage.accepting.rawValue { loop.turn() }
            loop.refuse()
            refused.signal()
            drain()
            while stage.load(ordering: .relaxed) == Stage.refusing.rawValue { loop.turn() }
            loop.end()
        }
    }

    /// Forgets the wake-ups so far; one that comes meanwhile is seen by its stage.
    private func drain() {
        var count: eventfd_t = 0
        _ = unsafe eventfd_read(wakeUp, &count)
    }
}
