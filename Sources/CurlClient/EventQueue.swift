internal import CCurl
import Glibc
internal import Timing

/// Waits until sockets are readable or writable: an epoll(7) instance.
struct EventQueue: ~Copyable {
    /// A descriptor that is ready; `isReadable` and `isWritable` include errors and hang-ups.
    struct Event {
        var tag: UInt64
        var events: UInt32

        var isReadable: Bool {
            events & (EPOLLIN.rawValue | EPOLLERR.rawValue | EPOLLHUP.rawValue) != 0
        }
        var isWritable: Bool { events & (EPOLLOUT.rawValue | EPOLLERR.rawValue) != 0 }
        /// Whether the other side closed the connection; unread bytes may remain.
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
        // Kernels before 5.11 lack epoll_pwait2(2), which the loop needs.
        let count = unsafe nova_epoll_wait(descriptor, 0, &tags, &events, 1)
        guard count >= 0 else { throw SystemError(code: -count, during: "epoll_pwait2") }
    }

    deinit {
        close(descriptor)
    }

    /// Watches `socket`, or changes the events for which it is watched.
    ///
    /// libcurl does not report when it closes an idle connection, so this object does not know
    /// which descriptors the epoll instance contains. It tries to modify, then to add.
    ///
    /// - Returns: Whether the system call succeeded.
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

    /// Stops watching `socket`; the system has already forgotten a closed one.
    func forget(_ socket: Int32) {
        _ = nova_epoll_control(descriptor, EPOLL_CTL_DEL, socket, 0, 0)
    }

    /// Waits for at most `time` and returns at most 256 ready descriptors in `ready`.
    mutating func wait(for time: Duration, into ready: inout [Event]) {
        ready.removeAll(keepingCapacity: true)
        let count = unsafe nova_epoll_wait(descriptor, time.nanoseconds, &tags, &events, 256)
        for index in 0..<max(0, Int(count)) {
            ready.append(Event(tag: tags[index], events: events[index]))
        }
    }
}
