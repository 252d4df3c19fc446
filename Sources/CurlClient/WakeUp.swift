internal import CCurl
import Glibc

/// Ends the wait of an `EventQueue`: an eventfd(2).
///
/// `signal` may be called from any thread; everything else belongs to the loop's thread.
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
        // The write fails if the counter is full, and then the wait ends anyway.
        _ = eventfd_write(descriptor, 1)
    }

    /// Waits for a signal without an event queue.
    func wait() {
        var descriptor = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        _ = unsafe poll(&descriptor, 1, -1)
        drain()
    }

    /// Clears the signals so far.
    func drain() {
        var count: eventfd_t = 0
        _ = unsafe eventfd_read(descriptor, &count)
    }
}
