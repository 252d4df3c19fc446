internal import CCurl
import Glibc
internal import Timing

/// Waits until sockets are readable or writable: an epoll(7) instance.
struct EventQueue: ~Copyable {
    private let descriptor: Int32
    private var events = [nova_event](repeating: nova_event(), count: nova_event_limit)
    private var readyCount = 0

    init() throws(SystemError) {
        descriptor = epoll_create1(Int32(EPOLL_CLOEXEC))
        guard descriptor >= 0 else { throw SystemError(code: errno, during: "epoll_create1") }
        // Kernels before 5.11 lack epoll_pwait2(2), which the loop needs.
        let count = unsafe nova_epoll_wait(descriptor, 0, &events)
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
        let events =
            (interest.contains(.reading) ? EPOLLIN.rawValue | EPOLLRDHUP.rawValue : 0)
            | (interest.contains(.ending) ? EPOLLRDHUP.rawValue : 0)
            | (interest.contains(.writing) ? EPOLLOUT.rawValue : 0)
        let wanted = nova_event(tag: tag, events: events)
        var error = nova_epoll_control(descriptor, EPOLL_CTL_MOD, socket, wanted)
        if error == ENOENT {
            error = nova_epoll_control(descriptor, EPOLL_CTL_ADD, socket, wanted)
        }
        return error == 0
    }

    /// Stops watching `socket`; the system has already forgotten a closed one.
    func forget(_ socket: Int32) {
        _ = nova_epoll_control(descriptor, EPOLL_CTL_DEL, socket, nova_event())
    }

    /// Waits for at most `time`; `ready` then returns the events.
    mutating func wait(for time: Duration) {
        readyCount = max(0, Int(unsafe nova_epoll_wait(descriptor, time.nanoseconds, &events)))
    }

    /// The events that the last wait found.
    var ready: ArraySlice<nova_event> { events[..<readyCount] }
}

extension nova_event {
    /// The events for curl_multi_socket_action(3); an error counts as both.
    var curlMask: Int32 {
        let reading = EPOLLIN.rawValue | EPOLLERR.rawValue | EPOLLHUP.rawValue
        let writing = EPOLLOUT.rawValue | EPOLLERR.rawValue
        return (events & reading != 0 ? CURL_CSELECT_IN : 0)
            | (events & writing != 0 ? CURL_CSELECT_OUT : 0)
    }

    /// Whether the other side closed the connection; unread bytes may remain.
    var isEnd: Bool {
        events & (EPOLLRDHUP.rawValue | EPOLLERR.rawValue | EPOLLHUP.rawValue) != 0
    }
}
