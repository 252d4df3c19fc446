internal import CCurl
import Glibc

/// Ends the wait of an `EventQueue`: an eventfd(2).
///
/// The only right that leaves the loop's thread; `signal` may be called from any thread.
final class WakeUp: Sendable {
    let descriptor: Int32

    init() throws(SystemError) {
        descriptor = eventfd(0, Int32(EFD_CLOEXEC | EFD_NONBLOCK))
        guard descriptor >= 0 else { throw SystemError(code: errno, during: "eventfd") }
    }

    deinit {
        close(descriptor)
    }

    /// Ends the current or the next wait.
    func signal() {
        // A full counter refuses the write, and then the wait ends anyway.
        _ = eventfd_write(descriptor, 1)
    }

    /// Waits for a signal without an event queue.
    func wait() {
        var descriptor = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        _ = unsafe poll(&descriptor, 1, -1)
        drain()
    }

    /// Forgets the signals so far.
    func drain() {
        var count: eventfd_t = 0
        _ = unsafe eventfd_read(descriptor, &count)
    }
}
