internal import CCurl
internal import ClientTLS
internal import Timing

/// One try of a fetch: the connection that it uses, and its state.
struct Attempt {
    /// The connection that libcurl chose.
    enum Connection {
        case undecided
        case fresh
        /// A kept connection, and how long it idled; nil if this is unknown.
        case kept(idle: Duration?)
    }

    /// Whether libcurl must not use a kept connection.
    var needsFreshConnection = false
    /// When libcurl got the transfer.
    var began: Instant
    var connection = Connection.undecided
    /// The socket of the connection; -1 before there is one.
    var socket: Int32 = -1
    var localPort: Int32 = 0
    /// What the TLS handshake of a fresh connection showed.
    var handshake: Handshake?
    /// Whether libcurl tried to retry by itself.
    ///
    /// libcurl counts retries in the easy handle, over all its transfers, and fails at the sixth.
    /// Such a handle is therefore not reused.
    var hasRetried = false

    /// Whether the request uses, or was meant to use, a kept connection.
    var isOnKept: Bool {
        if case .kept = connection { true } else { false }
    }
}

// Decisions about connections, made in libcurl's callbacks before a request is sent.
extension Transfer {
    /// Notes that libcurl wants to open a connection, and returns whether it may.
    ///
    /// It may not retry by itself after a kept connection failed: `CurlClient.handleEnd` does that.
    func admitConnection() -> Bool {
        if attempt.isOnKept {
            attempt.hasRetried = true
            return false
        }
        attempt.connection = .fresh
        return true
    }

    /// Notes the connection that libcurl chose, and returns whether it may send the request on it.
    ///
    /// A kept connection must not be near the end of its lifetime, and must have no unread bytes,
    /// because they would be taken for the response.
    func admitRequest(from localPort: Int32) -> Bool {
        attempt.localPort = localPort
        switch attempt.connection {
        case .fresh:
            if isSecure { attempt.handshake = easy.handshake }
            return true
        case .kept:
            // libcurl retries on another kept connection, which may be dead too.
            attempt.hasRetried = true
            return false
        case .undecided: break
        }
        attempt.connection = .kept(idle: nil)
        receiver.isOnKeptConnection = true
        guard case .running(let shard) = state,
            let socket = shard.idleSocket(of: request.key, localPort: localPort),
            let connection = shard.sockets[socket].idle
        else { return true }
        attempt.socket = socket
        let idle = attempt.began - connection.since
        if let limit = connection.announcedLimit, idle >= limit { return false }
        if let limit = shard[connection.key].lifetime.limit(at: attempt.began), idle >= limit {
            return false
        }
        attempt.connection = .kept(idle: idle)
        switch unread(on: socket) {
        case .nothing: return true
        case .bytes where connection.isSecure:
            // A session ticket or a response: `ResponseReceiver` finds out.
            receiver.unreadBefore = (socket, nova_bytes_received(socket))
            return true
        case .bytes, .end: return false
        }
    }

    /// Whether the response on a kept connection has not begun.
    var isSilentOnKept: Bool {
        guard case .running = state, attempt.isOnKept else { return false }
        return !receiver.hasBegun
    }

    /// Whether the server asked for a client certificate, and closed the connection between the TLS
    /// handshake and its response.
    ///
    /// A TLS 1.3 server does this if it refuses the certificate, or the lack of one. Its alert is
    /// lost if the reset that follows arrives before libcurl reads.
    func isRefusedAfterHandshake(_ code: CURLcode) -> Bool {
        guard attempt.handshake?.wasAskedForCertificate == true else { return false }
        return (code == CURLE_SEND_ERROR || code == CURLE_RECV_ERROR) && !receiver.hasBegun
    }

    var isSecure: Bool { request.url.hasPrefix("https:") }

    /// Whether a kept connection failed before a response began, so that a fresh one may be tried.
    ///
    /// The server or a middlebox probably closed the connection before the request arrived. libcurl
    /// reports only complete lines, so a response that ends within its first line has not begun.
    func lostKeptConnection(_ code: CURLcode) -> Bool {
        guard attempt.isOnKept else { return false }
        if receiver.hasBegun { return receiver.isUnsolicited }
        switch code {
        case CURLE_GOT_NOTHING, CURLE_RECV_ERROR, CURLE_SEND_ERROR, CURLE_COULDNT_CONNECT,
            CURLE_ABORTED_BY_CALLBACK:
            return true
        // The header callback refused the first line.
        case CURLE_WRITE_ERROR: return receiver.isUnsolicited
        default: return false
        }
    }
}
