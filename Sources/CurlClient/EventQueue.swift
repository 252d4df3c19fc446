internal import CCurl
import Glibc

/// What may be read or written now: an epoll(7) instance.
struct EventQueue: ~Copyable {
    /// One descriptor that is ready; `isReadable` and `isWritable` include errors and hang-ups.
    struct Event {
        var tag: UInt64
        var events: UInt32

        var isReadable: Bool {
            events & (EPOLLIN.rawValue | EPOLLERR.rawValue | EPOLLHUP.rawValue) != 0
        }
        var isWritable: Bool { events & (EPOLLOUT.rawValue | EPOLLERR.rawValue) != 0 }
        /// Whether the other side has ended the connection, whatever came before.
        var isEnd: Bool {
            events & (EPOLLRDHUP.rawValue | EPOLLERR.rawValue | EPOLLHUP.rawValue) != 0
        }
    }

    private let descriptor: Int32
    private var tags = [UInt64](repeating: 0, count: 256)
    private var events = [UInt32](repeating: 0, count: 256)

    init() throws(SystemError) {
        descriptor = epoll_create1(Int32(EPOLL_CLOEXEC))
        guard descriptor >= 0 else { throw SystemError(code: errno, during: "epoll_create1") }
        // Kernels before 5.11 lack this call, which libcurl's transfers could not do without.
        let count = unsafe nova_epoll_wait(descriptor, 0, &tags, &events, 1)
        guard count >= 0 else { throw SystemError(code: -count, during: "epoll_pwait2") }
    }

    deinit {
        close(descriptor)
    }

    /// Watches `socket`, or changes what it is watched for, whichever applies.
    ///
    /// libcurl says neither when it closes an idle connection, so a descriptor may be known that
    /// should not be, and the reverse: whichever of the two calls fails, the other is meant.
    ///
    /// - Returns: Whether the system agreed.
    func watch(_ socket: Int32, for interest: Interest, tag: UInt64) -> Bool {
        let wanted =
            (interest.contains(.reading) ? EPOLLIN.rawValue | EPOLLRDHUP.rawValue : 0)
            | (interest.contains(.ending) ? EPOLLRDHUP.rawValue : 0)
            | (interest.contains(.writing) ? EPOLLOUT.rawValue : 0)
        var error = nova_epoll_control(descriptor, EPOLL_CTL_MOD, socket, wanted, tag)
        if error == ENOENT {
            error = nova_epoll_control(descriptor, EPOLL_CTL_ADD, socket, wanted, tag)
        }
        return error == 0
    }

    /// Stops watching; a descriptor that is already closed is already forgotten.
    func forget(_ socket: Int32) {
        _ = nova_epoll_control(descriptor, EPOLL_CTL_DEL, socket, 0, 0)
    }

    /// Waits up to `nanoseconds` and hands over what is ready, at most 256 at a time.
    mutating func wait(nanoseconds: Int64, into ready: inout [Event]) {
        ready.removeAll(keepingCapacity: true)
        let count = unsafe nova_epoll_wait(descriptor, nanoseconds, &tags, &events, 256)
        for index in 0..<max(0, Int(count)) {
            ready.append(Event(tag: tags[index], events: events[index]))
        }
    }
}
