internal import CMicroHTTPD
internal import Glibc

/// An epoll(7) instance.
struct ReadyQueue: ~Copyable {
    /// The events to watch a descriptor for; errors and hang-ups are always reported.
    struct Interest {
        fileprivate let events: UInt32

        /// Data, level-triggered.
        static let data = Interest(events: EPOLLIN.rawValue)
        /// Data, once until it is watched again.
        static let dataOnce = Interest(events: EPOLLIN.rawValue | EPOLLONESHOT.rawValue)
        /// Each arrival of data, and the end of the stream.
        static let arrivals = Interest(
            events: EPOLLIN.rawValue | EPOLLRDHUP.rawValue | EPOLLET.rawValue
        )
        /// The end of the stream, level-triggered.
        static let end = Interest(events: EPOLLRDHUP.rawValue)
        static let nothing = Interest(events: 0)
    }

    /// An event of a descriptor.
    struct Event {
        var descriptor: CInt
        /// Whether no more data will arrive.
        var isEnd: Bool
    }

    /// The maximum number of events of one wait.
    static let capacity = 256

    let descriptor: CInt
    private var ready = [CInt](repeating: -1, count: capacity)
    private var happened = [UInt32](repeating: 0, count: capacity)

    init() throws(ServerError) {
        descriptor = epoll_create1(CInt(EPOLL_CLOEXEC))
        guard descriptor >= 0 else { throw .noSystemResource("epoll_create1", errno) }
    }

    deinit { close(descriptor) }

    /// Starts to watch a descriptor, until it is closed; false if the system refuses.
    func watch(_ watched: CInt, for interest: Interest) -> Bool {
        mhd_watch(descriptor, EPOLL_CTL_ADD, watched, interest.events) == 0
    }

    func change(_ watched: CInt, to interest: Interest) {
        _ = mhd_watch(descriptor, EPOLL_CTL_MOD, watched, interest.events)
    }

    func forget(_ watched: CInt) { _ = mhd_watch(descriptor, EPOLL_CTL_DEL, watched, 0) }

    /// Waits for events, at most this long if not nil.
    mutating func wait(_ duration: Duration?) -> [Event] {
        let milliseconds = duration.map { CInt(($0 / .milliseconds(1)).rounded(.up)) } ?? -1
        let room = CInt(Self.capacity)
        let count = unsafe mhd_wait(descriptor, milliseconds, &ready, &happened, room)
        return (0..<Int(count))
            .map { index in
                Event(descriptor: ready[index], isEnd: happened[index] & Self.ends != 0)
            }
    }

    private static let ends = EPOLLRDHUP.rawValue | EPOLLHUP.rawValue | EPOLLERR.rawValue
}
