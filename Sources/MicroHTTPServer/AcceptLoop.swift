internal import CMicroHTTPD
internal import Glibc
internal import Timing

/// Accepts connections, and closes those that are due to be closed: the body of one thread.
///
/// libmicrohttpd could accept connections itself. But it does not limit the time of a request, at
/// its connection limit it waits until a client closes one, and without descriptors it spins.
struct AcceptLoop: ~Copyable {
    let context: ServerContext
    var listener: ListeningSocket?
    private var daemon: DaemonHandle?
    private let wakeUp: CInt
    var events: ReadyQueue
    /// Watches the library's connections for clients that close their sending side.
    private var ends: ReadyQueue
    var reserve = DescriptorReserve()
    private var endsDue: Instant?
    private var reviewDue = Instant.coarse()
    /// When accepting resumes; nil while it is not paused.
    var acceptDue: Instant?
    /// Whether no connection was accepted since descriptors ran out.
    var isStuck = false
    var connectionShortage = Shortage()
    var descriptorShortage = Shortage()

    /// Watches the listener and `wakeUp`, which ends a wait.
    init(
        _ listener: consuming ListeningSocket,
        _ daemon: consuming DaemonHandle,
        _ context: ServerContext,
        wakeUp: CInt
    ) throws(ServerError) {
        let events = try ReadyQueue()
        let ends = try ReadyQueue()
        let isWatched =
            events.watch(listener.descriptor, for: .data) && events.watch(wakeUp, for: .data)
            && events.watch(ends.descriptor, for: .dataOnce)
        guard isWatched else { throw .noSystemResource("epoll_ctl", errno) }
        (self.context, self.wakeUp) = (context, wakeUp)
        self.listener = consume listener
        self.daemon = consume daemon
        self.events = consume events
        self.ends = consume ends
    }

    var connections: Connections { context.connections }

    /// One iteration: waits for events, then handles them and what is due.
    mutating func turn() {
        let ready = events.wait(wait(at: .coarse()))
        let now = Instant.coarse()
        var isAccepting = false
        for event in ready {
            if event.descriptor == ends.descriptor {
                // The library sees nearly all ends itself, and closes before this is due.
                endsDue = now + Self.endDelay
            } else if event.descriptor == listener?.descriptor {
                isAccepting = true
            } else if event.descriptor != wakeUp {
                inspect(event, now: now)
            }
        }
        if let due = acceptDue, due <= now { isAccepting = true }
        if isAccepting { accept(at: now) }
        if let due = endsDue, due <= now { showEnds() }
        if reviewDue <= now { review(at: now) }
    }

    /// Refuses new connections from now on.
    mutating func refuse() {
        listener = nil
        acceptDue = nil
    }

    /// Closes all connections and stops the daemon.
    mutating func end() {
        connections.dropAll()
        daemon = nil
    }

    private func wait(at now: Instant) -> Duration? {
        let isReviewing =
            connections.count > 0 || connectionShortage.isOn || descriptorShortage.isOn
        let due = [endsDue, acceptDue, isReviewing ? reviewDue : nil].compactMap(\.self).min()
        return due.map { max($0 - now, .zero) }
    }

    private mutating func accept(at now: Instant) {
        guard listener != nil else { return }
        if acceptDue != nil || descriptorShortage.isOn {
            guard reserve.isWhole(), reserve.hasSpare() else { return pauseForDescriptors(at: now) }
        }
        resume()
        _ = reserve.isWhole()
        let limit = DescriptorLimit()
        for _ in 0..<(descriptorShortage.isOn ? 1 : Self.acceptedAtOnce) {
            if connections.withTable({ $0.isFull }) { return waitForRoom(at: now) }
            guard let arrival = listener?.accept() else { return }
            guard arrival.descriptor >= 0 else {
                let isShort = [EMFILE, ENFILE, ENOBUFS, ENOMEM].contains(-arrival.descriptor)
                if isShort { pauseForDescriptors(at: now) }
                return
            }
            isStuck = false
            open(arrival, at: now)
            makeRoom(for: arrival.descriptor, in: limit, at: now)
            if limit.isUsedUp(by: arrival.descriptor) {
                return pauseForDescriptors(after: arrival.descriptor, at: now)
            }
        }
    }

    /// Adds an accepted connection; usually its request has arrived already.
    private func open(_ arrival: mhd_arrival, at now: Instant) {
        guard connections.open(arrival, at: now) else { return }
        let descriptor = arrival.descriptor
        switch peek(descriptor) {
        case mhd_arrived_head: handOver(descriptor)
        case mhd_arrived_other: connections.drop(descriptor, for: isTLS ? .notTLS : .notHTTP)
        default:
            if !events.watch(descriptor, for: .arrivals) { connections.drop(descriptor) }
        }
    }

    /// Checks whether the head of the first request has arrived, or over TLS the first record.
    private func peek(_ descriptor: CInt) -> mhd_arrived {
        isTLS
            ? mhd_peek_handshake(descriptor)
            : mhd_peek(descriptor, context.configuration.maxRequestBytes)
    }

    private var isTLS: Bool { context.configuration.minimumTLS != nil }

    /// Checks again whether the first request of a connection has arrived.
    private func inspect(_ event: ReadyQueue.Event, now: Instant) {
        let descriptor = event.descriptor
        switch peek(descriptor) {
        case mhd_arrived_head:
            events.forget(descriptor)
            handOver(descriptor)
        case mhd_arrived_part where !event.isEnd:
            connections.withTable { $0.noteBytes(descriptor, at: now) }
        case mhd_arrived_nothing where !event.isEnd: break
        case mhd_arrived_other: connections.drop(descriptor, for: isTLS ? .notTLS : .notHTTP)
        default: connections.drop(descriptor)
        }
    }

    /// Passes a connection to the library, after it is watched and marked in the table.
    private func handOver(_ descriptor: CInt) {
        guard ends.watch(descriptor, for: .end) else { return connections.drop(descriptor) }
        guard connections.withTable({ $0.handOver(descriptor) }) else { return }
        if daemon?.add(descriptor) != true { connections.withTable { $0.remove(descriptor) } }
    }

    private mutating func showEnds() {
        endsDue = nil
        for _ in 0...(connections.count / ReadyQueue.capacity) {
            let ended = ends.wait(.zero)
            connections.showEnds(of: ended)
            if ended.count < ReadyQueue.capacity { break }
        }
        events.change(ends.descriptor, to: .dataOnce)
    }

    private mutating func review(at now: Instant) {
        reviewDue = now + Self.reviewInterval
        connections.review(at: now)
        if let closed = connectionShortage.settle(at: now) {
            context.report(.connectionsEnough(closed: closed))
        }
        if descriptorShortage.settle(at: now) != nil { context.report(.descriptorsEnough) }
    }

    /// How late the deadline of a connection may be noticed.
    private static let reviewInterval: Duration = .seconds(1)
    /// How long the library has to see the end of what a client sends before `showEnds`.
    private static let endDelay: Duration = .milliseconds(50)
    /// The most connections accepted in one iteration.
    private static let acceptedAtOnce = 64
}
