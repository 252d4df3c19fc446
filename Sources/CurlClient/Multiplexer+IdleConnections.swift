// Kept connections between two GETs: what may be used, and what ends them.
extension Multiplexer {
    /// Changes what is known of the connections of a key that has been in use.
    func learn(about key: Int, _ change: (inout KeptConnection) -> Void) {
        let index = key / Shard.size
        guard shards.indices.contains(index), let shard = shards[index] else { return }
        change(&shard[key])
    }

    /// A connection that rests was closed, or brought what nobody asked for.
    ///
    /// What came must not be taken for the response to the next request (RFC 9112, 9.2), so the
    /// connection ends. TLS may have sent something of its own, such as a session ticket, which
    /// only libcurl can read: then the connection stays until its end is seen.
    func handleIdle(_ socket: Int32, _ event: EventQueue.Event, at now: Int64) {
        let idle = sockets.idleConnection(on: socket)
        if let idle, idle.isSecure, !event.isEnd {
            _ = sockets.watch(socket, for: .ending)
            _ = queue.watch(socket, for: .ending, tag: event.tag)
            return
        }
        guard let idle else {
            sockets.unwatch(socket)
            queue.forget(socket)
            return
        }
        learn(about: idle.key) { $0.life.ended(after: now - idle.since, at: now) }
        closeIdle(of: socket, after: idle.key)
    }

    /// Ends a connection that rests after a GET of `key`; libcurl finds it dead and closes it.
    func closeIdle(of socket: Int32, after key: Int) {
        guard sockets.idleConnection(on: socket)?.key == key else { return }
        sockets.unwatch(socket)
        queue.forget(socket)
        endConnection(socket)
    }

    /// Notes that the connection of a transfer rests, if it was kept.
    func noteIdle(after transfer: Transfer, in shard: Shard, at now: Int64) {
        let (key, attempt) = (transfer.request.key, transfer.attempt)
        guard sockets.isWatched(attempt.socket), sockets.isIdle(attempt.socket) else { return }
        if case .kept(let idle) = attempt.connection { shard[key].life.lasted(idle) }
        let announced = transfer.receiver.keepAliveSeconds
            .map { IdleLifetime.safe(Int64($0) * 1_000_000_000) }
        // A key keeps one connection.
        if shard[key].socket != attempt.socket { closeIdle(of: shard[key].socket, after: key) }
        shard[key].socket = attempt.socket
        sockets.setIdle(
            IdleConnection(
                key: key,
                localPort: attempt.localPort,
                isSecure: transfer.isSecure,
                since: now,
                life: announced ?? .max
            ),
            on: attempt.socket
        )
    }
}
