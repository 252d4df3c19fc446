internal import CMicroHTTPD
internal import Dispatch
internal import Glibc
import Synchronization

/// The thread of an `AcceptLoop`, as others see it.
///
///     accepting ──refuse──▶ refusing, and looking after the connections there are ──end──▶ ended
final class Acceptor: Sendable {
    private enum Phase: Int {
        case accepting
        case refusing
        case ended
    }

    private let phase = Atomic(Phase.accepting.rawValue)
    /// Ends a wait of the loop: an eventfd(2).
    private let wakeUp: CInt
    /// Open once the listener is closed.
    private let refused = DispatchSemaphore(value: 0)
    /// The thread holds it for as long as it runs.
    private let loop: Mutex<AcceptLoop>
    private let thread = Mutex<ThreadHandle?>(nil)

    /// Accepts from now on.
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

    /// Refuses new connections, and resets those that nobody accepted; returns when that is done.
    func refuse() {
        advance(to: .refusing)
        refused.wait()
        // For whoever asks again.
        refused.signal()
    }

    /// Ends the thread; returns when it has ended.
    func end() {
        advance(to: .ended)
        thread.withLock { $0.take() }?.join()
    }

    private func advance(to next: Phase) {
        _ = phase.max(next.rawValue, ordering: .relaxed)
        _ = eventfd_write(wakeUp, 1)
    }

    private func run() {
        loop.withLock { loop in
            while phase.load(ordering: .relaxed) == Phase.accepting.rawValue { loop.turn() }
            loop.refuse()
            refused.signal()
            drain()
            while phase.load(ordering: .relaxed) == Phase.refusing.rawValue { loop.turn() }
            loop.end()
        }
    }

    /// Forgets the wake-ups so far; one that comes meanwhile is seen by its phase.
    private func drain() {
        var count: eventfd_t = 0
        _ = unsafe eventfd_read(wakeUp, &count)
    }
}
