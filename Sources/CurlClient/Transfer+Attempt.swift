internal import CCurl

// How libcurl may try a GET. The callbacks ask; each attempt is decided before its request is sent.
extension Transfer {
    /// Whether libcurl may make a connection.
    ///
    /// Not to retry by itself what it lost on a kept connection: `CurlClient.finish` does that.
    func admitConnection() -> Bool {
        if attempt.isOnKept {
            attempt.hasRetried = true
            return false
        }
        attempt.connection = .fresh
        return true
    }

    /// Whether the request may be sent on the connection that libcurl chose.
    ///
    /// A kept one must not be about to be closed, and nothing may have come on it: it would be
    /// taken for the response.
    func admitRequest(from localPort: Int32) -> Bool {
        attempt.localPort = localPort
        switch attempt.connection {
        case .fresh: return true
        case .kept:
            // libcurl lost it and found another, for which the same may be true.
            attempt.hasRetried = true
            return false
        case .undecided: break
        }
        attempt.connection = .kept(idle: 0)
        receiver.isOnKeptConnection = true
        guard case .running(let shard) = state,
            let socket = shard.idleSocket(of: request.key, localPort: localPort),
            let idle = shard.sockets.idleConnection(on: socket)
        else { return true }
        attempt.socket = socket
        let time = attempt.began - idle.since
        guard time < min(idle.life, shard[idle.key].life.limit(at: attempt.began)) else {
            return false
        }
        attempt.connection = .kept(idle: time)
        switch unread(on: socket) {
        case .nothing: return true
        case .bytes where idle.isSecure:
            // A session ticket, or a response: `ResponseReceiver` sees which.
            receiver.unreadBefore = (socket, nova_bytes_received(socket))
            return true
        case .bytes, .end: return false
        }
    }

    /// libcurl waits for a socket.
    func waits(for socket: Int32) {
        attempt.socket = socket
    }

    /// Whether it waits for the first byte on a kept connection.
    var isSilentOnKept: Bool {
        guard case .running = state, attempt.isOnKept else { return false }
        return !receiver.hasBegun
    }

    /// Whether the server, right after the handshake, was gone before the request was sent.
    ///
    /// So ends a handshake of TLS 1.3 in which the server wants a certificate of the client. Its
    /// alert is lost if the reset that follows is seen before libcurl reads.
    func isRefusedAfterHandshake(_ code: CURLcode) -> Bool {
        guard case .fresh = attempt.connection else { return false }
        return code == CURLE_SEND_ERROR && isSecure && !receiver.hasBegun
    }

    /// Whether it speaks TLS.
    var isSecure: Bool { self.request.url.hasPrefix("https:") }

    /// Whether a kept connection failed it, so that it may be tried on a fresh one.
    ///
    /// The peer is not to blame: it, or what stands between, closed the connection before the
    /// request came. libcurl reports whole lines only, so a response that breaks off within its
    /// first line counts as none.
    func lostKeptConnection(_ code: CURLcode) -> Bool {
        guard attempt.isOnKept else { return false }
        if receiver.hasBegun { return receiver.isUnsolicited }
        switch code {
        case CURLE_GOT_NOTHING, CURLE_RECV_ERROR, CURLE_SEND_ERROR, CURLE_COULDNT_CONNECT,
            CURLE_ABORTED_BY_CALLBACK:
            return true
        // The callback that takes headers refused the first one.
        case CURLE_WRITE_ERROR: return receiver.isUnsolicited
        default: return false
        }
    }
}
