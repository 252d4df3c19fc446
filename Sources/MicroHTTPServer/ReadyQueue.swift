internal import CMicroHTTPD
internal import Glibc

/// An epoll(7) instance.
struct ReadyQueue: ~Copyable {
    /// The events a descriptor is watched for; errors and hang-ups are always reported.
    enum Interest {
        /// Data, level-triggered.
        case data
        /// Data, once until it is watched again.
        case dataOnce
        /// Each arrival of data, and the end of the stream.
        case arrivals
        /// The end of the stream, level-triggered.
        case end
        /// Nothing.
        case nothing
    }

    /// An event of a descriptor.
    struct Event {
        var descriptor: CInt
        /// Whether nothing more will arrive.
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

    /// Begins to watch a descriptor, until it is closed; false if the system refuses.
    func watch(_ watched: CInt, for interest: Interest) -> Bool {
        mhd_watch(descriptor, EPOLL_CTL_ADD, watched, Self.events(interest)) == 0
    }

    /// Changes what a descriptor is watched for.
    func change(_ watched: CInt, to interest: Interest) {
        _ = mhd_watch(descriptor, EPOLL_CTL_MOD, watched, Self.events(interest))
    }

    /// Stops watching a descriptor.
    func forget(_ watched: CInt) {
        _ = mhd_watch(descriptor, EPOLL_CTL_DEL, watched, 0)
    }

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

    private static func events(_ interest: Interest) -> UInt32 {
        switch interest {
        case .data: EPOLLIN.rawValue
        case .dataOnce: EPOLLIN.rawValue | EPOLLONESHOT.rawValue
        case .arrivals: EPOLLIN.rawValue | EPOLLRDHUP.rawValue | EPOLLET.rawValue
        case .end: EPOLLRDHUP.rawValue
        case .nothing: 0
        }
    }

    private static let ends = EPOLLRDHUP.rawValue | EPOLLHUP.rawValue | EPOLLERR.rawValue
}
