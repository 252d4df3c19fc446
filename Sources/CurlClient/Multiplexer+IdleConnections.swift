internal import CCurl
internal import Timing

// Idle connections: when they are noted, and when they are closed.
extension Multiplexer {
    /// Handles an event of an idle connection: it was closed, or received unsolicited bytes.
    ///
    /// Such bytes must not be taken for the response to the next request (RFC 9112, 9.2), so the
    /// connection is closed. On a TLS connection they may be a session ticket, which only libcurl
    /// can read. Such a connection stays, and from then on only its end is watched for.
    func handleIdle(_ socket: Int32, _ event: nova_event, at now: Instant) {
        guard let idle = sockets[socket].idle else { return unwatch(socket) }
        if idle.isSecure, !event.isEnd {
            sockets[socket].watched = .ending
            _ = queue.watch(socket, for: .ending, tag: event.tag)
            return
        }
        shard(of: idle.key)?[idle.key].lifetime.ended(after: now - idle.since, at: now)
        closeIdle(of: socket, after: idle.key)
    }

    /// Shuts down an idle connection that `key` left; libcurl then finds it dead and closes it.
    func closeIdle(of socket: Int32, after key: Int) {
        guard sockets[socket].idle?.key == key else { return }
        unwatch(socket)
        shutDown(socket)
    }

    private func unwatch(_ socket: Int32) {
        sockets.unwatch(socket)
        queue.forget(socket)
    }

    /// Notes that the connection of a finished transfer is idle, if libcurl kept it.
    func noteIdle(after transfer: Transfer, in shard: Shard, at now: Instant) {
        let (key, attempt) = (transfer.request.key, transfer.attempt)
        let entry = sockets[attempt.socket]
        guard !entry.watched.isEmpty, entry.wanted.isEmpty else { return }
        if transfer.isSecure, entry.tlsGeneration != tlsGeneration {
            unwatch(attempt.socket)
            return shutDown(attempt.socket)
        }
        if case .kept(let idle?) = attempt.connection { shard[key].lifetime.lasted(idle) }
        // Each key keeps at most one connection.
        if shard[key].socket != attempt.socket { closeIdle(of: shard[key].socket, after: key) }
        shard[key].socket = attempt.socket
        let announced = transfer.receiver.head.keepAliveSeconds
        sockets[attempt.socket].idle = IdleConnection(
            key: key,
            localPort: attempt.localPort,
            isSecure: transfer.isSecure,
            since: now,
            announcedLimit: announced.map { IdleLifetime.safe(.seconds($0)) }
        )
    }
}
