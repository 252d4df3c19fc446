internal import CMicroHTTPD
internal import Glibc

extension HeadLayoutCheck {
    /// A request, and whether it must be answered.
    struct Sample {
        let request: String
        let isWellFormed: Bool
    }

    /// One request of each form that only the layout of the head tells apart.
    static let samples = [
        Sample(request: "GET /a?b HTTP/1.1\r\nHost: a\r\nX: b\r\n\r\n", isWellFormed: true),
        Sample(request: "GET /a?b HTTP/1.1\r\nHost: a\r\nX: b\0c\r\n\r\n", isWellFormed: false),
        Sample(request: "GET /a?b HTTP/1.1\r\nHost: a\r\nX: b\r\n c\r\n\r\n", isWellFormed: false),
        Sample(request: "GET /a?b HTTP/1.1\nHost: a\r\nX: b\r\n\r\n", isWellFormed: false),
    ]

    /// Checks the layout check itself, by sending samples to a daemon of its own.
    ///
    /// A library that stores heads in another way would make it refuse good requests, or let pass
    /// what is hidden in bad ones.
    ///
    /// - Throws: `ServerError.unknownLayout` for such a library.
    static func test(
        _ configuration: Configuration,
        with samples: [Sample] = samples
    ) throws(ServerError) {
        let context = ServerContext(
            configuration,
            connections: Connections(.init(configuration), counts: ListenerCounts()),
            handler: Greeter(),
            counts: PageCounts(),
            log: { _ in },
            observe: { _, _ in }
        )
        guard let daemon = DaemonHandle(configuration, context) else {
            throw .cannotListen("libmicrohttpd refused to start")
        }
        for sample in samples {
            guard try isAnswered(sample.request, by: daemon) == sample.isWellFormed else {
                throw .unknownLayout(unsafe String(cString: MHD_get_version()))
            }
        }
    }

    /// Whether a request is answered with 200.
    private static func isAnswered(
        _ request: String,
        by daemon: borrowing DaemonHandle
    ) throws(ServerError) -> Bool {
        var pair: [CInt] = [-1, -1]
        let kind = CInt(SOCK_STREAM.rawValue) | CInt(SOCK_CLOEXEC.rawValue)
        guard unsafe socketpair(AF_UNIX, kind, 0, &pair) == 0 else {
            throw .noSystemResource("socketpair", errno)
        }
        defer { close(pair[0]) }
        var limit = timeval(tv_sec: replySeconds, tv_usec: 0)
        let size = socklen_t(MemoryLayout<timeval>.size)
        unsafe setsockopt(pair[0], SOL_SOCKET, SO_RCVTIMEO, &limit, size)
        _ = unsafe write(pair[0], Array(request.utf8), request.utf8.count)
        guard daemon.add(pair[1]) else { return false }
        let expected = Array("HTTP/1.1 200".utf8)
        var reply = [UInt8](repeating: 0, count: expected.count)
        while true {
            // A signal ends a recv(2) with a timeout, and SIGCONT does too (signal(7)).
            let count = unsafe recv(pair[0], &reply, reply.count, CInt(MSG_WAITALL))
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { throw .noSystemResource("recv", errno) }
            return count == expected.count && reply == expected
        }
    }

    /// More than a daemon needs on the busiest machine.
    private static let replySeconds = 10
}

/// Answers every request with one page.
private struct Greeter: Handler {
    private let page = Page(Response(status: 200, contentType: "text/plain", body: []))

    func answer(_ request: Request) -> Answer { .page(page) }
}
