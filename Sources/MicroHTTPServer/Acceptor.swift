internal import CMicroHTTPD
internal import Dispatch
internal import Glibc
import Synchronization

/// Controls the thread of an `AcceptLoop`; from any thread.
///
///     accepting ──refuse──▶ refusing: open connections are served ──end──▶ ended
final class Acceptor: Sendable {
    private enum Stage: Int {
        case accepting
        case refusing
        case ended
    }

    private let stage = Atomic(Stage.accepting.rawValue)
    /// An eventfd(2) that ends a wait of the loop.
    private let wakeUp: CInt
    /// Signalled once the listener is closed.
    private let refused = DispatchSemaphore(value: 0)
    /// The thread holds it as long as it runs.
    private let loop: Mutex<AcceptLoop>
    private let thread = Mutex<ThreadHandle?>(nil)

    /// Starts accepting.
    init(
        _ listener: consuming ListeningSocket,
        _ daemon: consuming sending DaemonHandle,
        _ context: ServerContext
    ) throws(ServerError) {
        wakeUp = eventfd(0, CInt(EFD_CLOEXEC) | CInt(EFD_NONBLOCK))
        loop = Mutex(try AcceptLoop(listener, daemon, context, wakeUp: wakeUp))
        let started = try ThreadHandle(running: self)
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

    /// Stops the daemon and ends the thread; returns when all threads have ended.
    func end() {
        advance(to: .ended)
        thread.withLock { $0.take() }?.join()
    }

    private func advance(to next: Stage) {
        _ = stage.max(next.rawValue, ordering: .relaxed)
        _ = eventfd_write(wakeUp, 1)
    }

    /// The body of the thread.
    func run() {
        loop.withLock { loop in
            while stage.load(ordering: .relaxed) == Stage.accepting.rawValue { loop.turn() }
            loop.refuse()
            refused.signal()
            // Clears earlier wake-ups. The condition below sees the stage of a later one.
            var count: eventfd_t = 0
            _ = unsafe eventfd_read(wakeUp, &count)
            while stage.load(ordering: .relaxed) == Stage.refusing.rawValue { loop.turn() }
            loop.end()
        }
    }
}
