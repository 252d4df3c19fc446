internal import Timing

// Idle connections: what is known about them, and when they are closed.
extension Multiplexer {
    /// What is known about the connections of a key; nil if its shard is unused.
    func history(of key: Int) -> KeptConnection? {
        let index = key / Shard.size
        return shards.indices.contains(index) ? shards[index]?[key] : nil
    }

    /// Updates what is known about the connections of a key.
    func updateHistory(of key: Int, _ change: (inout KeptConnection) -> Void) {
        let index = key / Shard.size
        guard shards.indices.contains(index), let shard = shards[index] else { return }
        change(&shard[key])
    }

    /// Handles an event of an idle connection: it was closed, or received unsolicited bytes.
    ///
    /// Such bytes must not be taken for the response to the next request (RFC 9112, 9.2), so the
    /// connection is closed. On a TLS connection they may be a session ticket, which only libcurl
    /// can read. Such a connection stays, and from then on only its end is watched for.
    func handleIdle(_ socket: Int32, _ event: EventQueue.Event, at now: Instant) {
        let idle = sockets.idleConnection(on: socket)
        if let idle, idle.isSecure, !event.isEnd {
            _ = sockets.setWatched(.ending, on: socket)
            _ = queue.watch(socket, for: .ending, tag: event.tag)
            return
        }
        guard let idle else {
            sockets.unwatch(socket)
            queue.forget(socket)
            return
        }
        updateHistory(of: idle.key) { $0.lifetime.ended(after: now - idle.since, at: now) }
        closeIdle(of: socket, after: idle.key)
    }

    /// Shuts down an idle connection that `key` left; libcurl then finds it dead and closes it.
    func closeIdle(of socket: Int32, after key: Int) {
        guard sockets.idleConnection(on: socket)?.key == key else { return }
        sockets.unwatch(socket)
        queue.forget(socket)
        shutDown(socket)
    }

    /// Notes that the connection of a finished transfer is idle, if libcurl kept it.
    func noteIdle(after transfer: Transfer, in shard: Shard, at now: Instant) {
        let (key, attempt) = (transfer.request.key, transfer.attempt)
        guard sockets.isWatched(attempt.socket), sockets.isIdle(attempt.socket) else { return }
        if case .kept(let idle?) = attempt.connection { shard[key].lifetime.lasted(idle) }
        let announced = transfer.receiver.keepAliveSeconds
            .map { IdleLifetime.safe(.seconds($0)) }
        // Each key keeps at most one connection.
        if shard[key].socket != attempt.socket { closeIdle(of: shard[key].socket, after: key) }
        shard[key].socket = attempt.socket
        sockets.setIdle(
            IdleConnection(
                key: key,
                localPort: attempt.localPort,
                isSecure: transfer.isSecure,
                since: now,
                announcedLimit: announced
            ),
            on: attempt.socket
        )
    }
}
