internal import CCurl

/// All transfers of a client on one epoll(7): many multi handles, each with the keys of its shard.
///
/// libcurl re-enters, so nothing here acts inside a callback: a call into libcurl is followed by
/// `settle`, which takes what finished and carries out what the callbacks wrote down. On the
/// client's thread only.
final class Multiplexer {
    private static let wakeUpTag = UInt64.max

    /// GETs with a key below this keep their connection.
    var keptConnections: Int {
        didSet {
            for shard in shards { shard?.keep(of: keptConnections) }
        }
    }
    private let wakeUp: WakeUp
    var queue: EventQueue
    let sockets = WatchedSockets()
    private var ready: [EventQueue.Event] = []
    private(set) var shards: [Shard?] = []
    private var timers = Timers()
    private var finished: [(transfer: Transfer, code: CURLcode)] = []

    /// - Parameters:
    ///   - keptConnections: Which keys keep their connection.
    ///   - wakeUp: What ends a wait early.
    /// - Throws: What the system refused.
    init(keptConnections: Int, wakeUp: WakeUp) throws(SystemError) {
        self.keptConnections = keptConnections
        self.wakeUp = wakeUp
        queue = try EventQueue()
        _ = queue.watch(wakeUp.descriptor, for: .reading, tag: Self.wakeUpTag)
    }

    /// When libcurl next wants to be called although no socket is ready.
    var nextTimer: Int64? {
        timers.next
    }

    /// Hands a GET with a known address to the multi handle of its key; again for the next address.
    func add(_ transfer: Transfer, at now: Int64) {
        let key = transfer.request.key
        let shard = shard(of: key)
        shard.use(key, keptConnections: keptConnections)
        transfer.prepare(
            keepsConnection: key < keptConnections,
            closesTo: shard.multi.actions,
            at: now
        )
        transfer.state = .running(shard)
        let code = shard.multi.add(transfer.easy)
        precondition(code == CURLM_OK, "an idle transfer can be added: \(code.rawValue)")
        performActions(of: shard, at: now)
    }

    /// Ends a GET that libcurl has not finished; its connection goes with it.
    func cancel(_ transfer: Transfer, at now: Int64) {
        guard case .running(let shard) = transfer.state else { return }
        transfer.state = .idle
        shard.multi.remove(transfer.easy)
        performActions(of: shard, at: now)
    }

    /// Forgets a key of which no GET is under way.
    ///
    /// Its idle connection ends. With the last key of its shard the multi handle goes, and what
    /// libcurl still holds of them.
    func cancel(_ key: Int) {
        learn(about: key) { closeIdle(of: $0.socket, after: key) }
        guard let actions = endShard(without: key) else { return }
        timers.set(nil, for: key / Shard.size)
        // The numbers of the sockets that were closed may be anybody's.
        for case .closed(let socket) in actions.list { sockets.reset(socket) }
    }

    /// Ends the shard of a key if that was its last; the actions of its end, or nil if it goes on.
    private func endShard(without key: Int) -> PendingActions? {
        let index = key / Shard.size
        guard shards.indices.contains(index), let shard = shards[index] else { return nil }
        shard.cancel(key, keptConnections: keptConnections)
        guard shard.isUnused else { return nil }
        shards[index] = nil
        return shard.multi.actions
    }

    /// Waits until a socket is ready, the wake-up is signalled or the time has passed.
    func wait(nanoseconds: Int64) {
        queue.wait(nanoseconds: nanoseconds, into: &ready)
    }

    /// Tells libcurl of the sockets that the last wait found ready.
    func handleEvents(at now: Int64) {
        for event in ready {
            guard event.tag != Self.wakeUpTag else {
                wakeUp.drain()
                continue
            }
            // A socket that an earlier event of this batch closed is unknown to libcurl by now,
            // which ignores it; if its number was reused, reading finds nothing and waits on.
            let socket = Int32(truncatingIfNeeded: event.tag & 0xffff_ffff)
            if sockets.isIdle(socket) {
                handleIdle(socket, event, at: now)
                continue
            }
            guard let shard = shards[Int(event.tag >> 32)] else { continue }
            shard.multi.socketIsReady(
                socket,
                readable: event.isReadable,
                writable: event.isWritable
            )
            settle(shard, at: now)
        }
        ready.removeAll(keepingCapacity: true)
    }

    /// Calls libcurl where it asked for it.
    func fireTimers(at now: Int64) {
        for index in timers.takeDue(at: now) {
            guard let shard = shards[index] else { continue }
            shard.multi.timerFired()
            settle(shard, at: now)
        }
    }

    /// Hands over what libcurl finished since the last call, each once.
    func takeFinished(_ take: (Transfer, CURLcode) -> Void) {
        for (transfer, code) in finished { take(transfer, code) }
        finished.removeAll(keepingCapacity: true)
    }

    private func shard(of key: Int) -> Shard {
        let index = key / Shard.size
        while shards.count <= index { shards.append(nil) }
        if let shard = shards[index] { return shard }
        let shard = Shard(index: index, sockets: sockets)
        shards[index] = shard
        return shard
    }

    private func settle(_ shard: Shard, at now: Int64) {
        let before = finished.count
        while let (transfer, code) = shard.multi.nextFinished() {
            shard.multi.remove(transfer.easy)
            transfer.state = .idle
            finished.append((transfer, code))
        }
        performActions(of: shard, at: now)
        for (transfer, _) in finished[before...] { noteIdle(after: transfer, in: shard, at: now) }
    }

    private func performActions(of shard: Shard, at now: Int64) {
        let actions = shard.multi.actions
        guard !actions.list.isEmpty else { return }
        for action in actions.list {
            switch action {
            case .opened(let socket), .closed(let socket): sockets.reset(socket)
            case .watch(let socket, let interest):
                guard sockets.want(interest, of: socket) else { continue }
                let tag = UInt64(shard.index) << 32 | UInt64(UInt32(bitPattern: socket))
                if !queue.watch(socket, for: interest, tag: tag) { sockets.unwatch(socket) }
            case .timer(let milliseconds):
                let due = milliseconds < 0 ? nil : now + Int64(milliseconds) * 1_000_000
                timers.set(due, for: shard.index)
            }
        }
        actions.list.removeAll(keepingCapacity: true)
    }
}
