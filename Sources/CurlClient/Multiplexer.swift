internal import CCurl
internal import Timing

/// All transfers of a client on one epoll(7): many multi handles, one for each shard of keys.
///
/// libcurl must not be re-entered, so callbacks only record actions. After each call into libcurl,
/// `settle` collects the finished transfers and performs the actions. On the client's thread only.
final class Multiplexer {
    private static let wakeUpTag = UInt64.max

    var keptConnections: Int {
        didSet {
            for shard in shards { shard?.limitIdleConnections(keptConnections) }
        }
    }
    /// `TransferPool.Generation.tls` of the TLS connections that may be kept.
    private(set) var tlsGeneration = 0
    private let wakeUp: WakeUp
    var queue: EventQueue
    let sockets = WatchedSockets()
    private var shards: [Shard?] = []
    private(set) var timers = Timers()
    private var finished: [(transfer: Transfer, code: CURLcode)] = []

    /// - Parameters:
    ///   - keptConnections: Keys below this keep their connection.
    ///   - wakeUp: Ends a wait early.
    /// - Throws: If the system cannot create the event queue.
    init(keptConnections: Int, wakeUp: WakeUp) throws(SystemError) {
        self.keptConnections = keptConnections
        self.wakeUp = wakeUp
        queue = try EventQueue()
        _ = queue.watch(wakeUp.descriptor, for: .reading, tag: Self.wakeUpTag)
    }

    /// Starts an attempt, whose addresses are known, on the multi handle of its key.
    func add(_ transfer: Transfer, at now: Instant) {
        let key = transfer.request.key
        let shard = shardOrNew(of: key)
        shard.addKey(key, keptConnections: keptConnections)
        let keeps = key < keptConnections
        transfer.prepare(keepsConnection: keeps, actions: shard.multi.actions, at: now)
        transfer.state = .running(shard)
        let code = shard.multi.add(transfer.easy)
        precondition(code == CURLM_OK, "libcurl refused an idle transfer: \(code.rawValue)")
        performActions(of: shard, at: now)
    }

    /// Cancels an attempt that libcurl has not finished, and closes its connection.
    func cancel(_ transfer: Transfer, at now: Instant) {
        guard case .running(let shard) = transfer.state else { return }
        transfer.state = .idle
        shard.multi.remove(transfer.easy)
        performActions(of: shard, at: now)
    }

    /// Forgets a key without a fetch in flight, and closes its idle connection.
    ///
    /// With the last key of a shard its multi handle is freed too.
    func removeKey(_ key: Int) {
        guard let shard = shard(of: key) else { return }
        closeIdle(of: shard[key].socket, after: key)
        shard.removeKey(key, keptConnections: keptConnections)
        guard shard.isUnused else { return }
        let actions = shard.multi.actions
        timers.set(nil, for: shard.index)
        shards[shard.index] = nil
        // Frees the multi handle, which closes its sockets; the system may reuse their numbers.
        _ = consume shard
        for case .closed(let socket) in actions.list { sockets.reset(socket) }
    }

    /// Closes the idle TLS connections of earlier generations; those in use are not kept.
    func setTLSGeneration(_ generation: Int) {
        guard generation != tlsGeneration else { return }
        tlsGeneration = generation
        for (socket, idle) in sockets.idle where idle.isSecure {
            closeIdle(of: socket, after: idle.key)
        }
    }

    /// Passes the sockets that the last wait found ready to libcurl.
    func handleEvents(at now: Instant) {
        for event in queue.ready {
            guard event.tag != Self.wakeUpTag else {
                wakeUp.drain()
                continue
            }
            // If an earlier event of this batch closed the socket, libcurl ignores its number. If
            // the number was reused, libcurl's read finds no bytes.
            let socket = Int32(truncatingIfNeeded: event.tag & 0xffff_ffff)
            if sockets[socket].wanted.isEmpty {
                handleIdle(socket, event, at: now)
                continue
            }
            guard let shard = shards[Int(event.tag >> 32)] else { continue }
            shard.multi.act(on: socket, events: event.curlMask)
            settle(shard, at: now)
        }
    }

    /// Calls libcurl for the timers that are due.
    func fireTimers(at now: Instant) {
        for index in timers.takeDue(at: now) {
            guard let shard = shards[index] else { continue }
            shard.multi.act()
            settle(shard, at: now)
        }
    }

    /// Passes each transfer that libcurl finished since the last call to `take`.
    func takeFinished(_ take: (Transfer, CURLcode) -> Void) {
        for (transfer, code) in finished { take(transfer, code) }
        finished.removeAll(keepingCapacity: true)
    }

    /// The shard of a key; nil if none of its keys is in use.
    func shard(of key: Int) -> Shard? {
        let index = key / Shard.size
        return shards.indices.contains(index) ? shards[index] : nil
    }

    private func shardOrNew(of key: Int) -> Shard {
        if let shard = shard(of: key) { return shard }
        let index = key / Shard.size
        while shards.count <= index { shards.append(nil) }
        let shard = Shard(index: index, sockets: sockets)
        shards[index] = shard
        return shard
    }

    private func settle(_ shard: Shard, at now: Instant) {
        let before = finished.count
        while let (transfer, code) = shard.multi.nextFinished() {
            shard.multi.remove(transfer.easy)
            transfer.state = .idle
            finished.append((transfer, code))
        }
        performActions(of: shard, at: now)
        for (transfer, _) in finished[before...] { noteIdle(after: transfer, in: shard, at: now) }
    }

    private func performActions(of shard: Shard, at now: Instant) {
        let actions = shard.multi.actions
        guard !actions.list.isEmpty else { return }
        for action in actions.list {
            switch action {
            case .opened(let socket, let generation):
                sockets.reset(socket)
                sockets[socket].tlsGeneration = generation
            case .closed(let socket): sockets.reset(socket)
            case .watch(let socket, let interest):
                guard sockets.setWanted(interest, on: socket) else { continue }
                let tag = UInt64(shard.index) << 32 | UInt64(UInt32(bitPattern: socket))
                if !queue.watch(socket, for: interest, tag: tag) { sockets.unwatch(socket) }
            case .timer(let delay):
                timers.set(delay.map { now + $0 }, for: shard.index)
            }
        }
        actions.list.removeAll(keepingCapacity: true)
    }
}
