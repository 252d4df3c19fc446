internal import CMicroHTTPD
internal import Glibc

extension HeadLayoutCheck {
    /// Requests that differ only in the layout of the head, and whether each is well-formed.
    static let samples: [(request: String, isWellFormed: Bool)] = [
        ("GET /a?b HTTP/1.1\r\nHost: a\r\nX: b\r\n\r\n", true),
        ("GET /a?b HTTP/1.1\r\nHost: a\r\nX: b\0c\r\n\r\n", false),
        ("GET /a?b HTTP/1.1\r\nHost: a\r\nX: b\r\n c\r\n\r\n", false),
        ("GET /a?b HTTP/1.1\nHost: a\r\nX: b\r\n\r\n", false),
    ]

    /// Tests the layout check itself, by sending samples to a separate daemon.
    ///
    /// With a library that stores heads differently, the check would refuse valid requests or miss
    /// what is hidden in invalid ones.
    ///
    /// - Throws: `ServerError.unknownLayout` for such a library.
    static func test(
        _ configuration: Configuration,
        with samples: [(request: String, isWellFormed: Bool)] = samples
    ) throws(ServerError) {
        var plain = configuration
        plain.minimumTLS = nil
        let daemon = try DaemonHandle(ServerContext(plain, handler: Greeter()))
        for (request, isWellFormed) in samples {
            guard try isAnswered(request, by: daemon) == isWellFormed else {
                throw .unknownLayout(MicroHTTPServer.libraryVersion)
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
            // Signals, including SIGCONT, interrupt a recv(2) that has a timeout (signal(7)).
            let count = unsafe recv(pair[0], &reply, reply.count, CInt(MSG_WAITALL))
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { throw .noSystemResource("recv", errno) }
            return count == expected.count && reply == expected
        }
    }

    /// Long enough on a busy machine.
    private static let replySeconds = 10
}

/// Answers every request with one page.
private struct Greeter: Handler {
    private let page = Page(Response(status: 200, contentType: "text/plain", body: []))

    func answer(_ request: Request) -> Answer { .page(page) }
}
