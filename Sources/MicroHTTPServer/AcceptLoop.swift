internal import CMicroHTTPD
internal import Glibc

/// Accepts connections, and closes those that are due to be closed: the body of one thread.
///
/// libmicrohttpd could accept by itself, but knows no limit on the time of a request, waits when
/// its connections are taken until a client gives one up, and spins when descriptors run out.
struct AcceptLoop: ~Copyable {
    private let wakeUp: CInt
    let connections: Connections
    let counts: ListenerCounts
    private let add: @Sendable (CInt) -> Bool
    let report: @Sendable (ListenerEvent) -> Void
    let configuration: Configuration
    var listener: ListeningSocket?
    var events: ReadyQueue
    /// Connections whose clients have closed their sending side.
    private var ends: ReadyQueue
    var reserve = DescriptorReserve()
    private var endsDue: Duration?
    private var reviewDue = Moment.now()
    /// When accepting goes on; nil while it does.
    var acceptDue: Duration?
    /// Whether nothing was accepted since descriptors ran out.
    var isStuck = false
    var connectionShortage = Shortage()
    var descriptorShortage = Shortage()

    /// Watches the listener, and `wakeUp`, which ends a wait.
    ///
    /// `add` hands a connection to the library, which closes it if it refuses.
    init(
        _ listener: consuming ListeningSocket,
        wakeUp: CInt,
        connections: Connections,
        configuration: Configuration,
        counts: ListenerCounts,
        add: @escaping @Sendable (CInt) -> Bool,
        report: @escaping @Sendable (ListenerEvent) -> Void
    ) throws(ServerError) {
        let events = try ReadyQueue()
        let ends = try ReadyQueue()
        let isWatched =
            events.watch(listener.descriptor, for: .data) && events.watch(wakeUp, for: .data)
            && events.watch(ends.descriptor, for: .dataOnce)
        guard isWatched else { throw .noSystemResource("epoll_ctl", errno) }
        (self.connections, self.counts) = (connections, counts)
        (self.configuration, self.wakeUp) = (configuration, wakeUp)
        (self.add, self.report) = (add, report)
        self.listener = consume listener
        self.events = consume events
        self.ends = consume ends
    }

    /// Waits for something to do, and does it.
    mutating func turn() {
        let ready = events.wait(wait(at: Moment.now()))
        let now = Moment.now()
        var isAccepting = false
        for event in ready {
            if event.descriptor == ends.descriptor {
                // The library sees nearly all ends by itself, and closes before this is due.
                endsDue = now + Self.endDelay
            } else if event.descriptor == listener?.descriptor {
                isAccepting = true
            } else if event.descriptor != wakeUp {
                look(at: event, now: now)
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

    /// Closes the connections that the library never got.
    mutating func end() { connections.dropAll() }

    private func wait(at now: Duration) -> Duration? {
        let isReviewing =
            connections.count > 0 || connectionShortage.isOn || descriptorShortage.isOn
        let due = [endsDue, acceptDue, isReviewing ? reviewDue : nil].compactMap(\.self).min()
        return due.map { max($0 - now, .zero) }
    }

    private mutating func accept(at now: Duration) {
        guard listener != nil else { return }
        if acceptDue != nil || descriptorShortage.isOn {
            guard reserve.isWhole(), reserve.hasSpare() else { return pauseForDescriptors(at: now) }
        }
        resume()
        _ = reserve.isWhole()
        let limit = DescriptorLimit()
        for _ in 0..<(descriptorShortage.isOn ? 1 : Self.acceptedAtOnce) {
            if connections.isFull { return waitForRoom(at: now) }
            guard let arrival = listener?.accept() else { return }
            guard arrival.descriptor >= 0 else {
                let isShort = [EMFILE, ENFILE, ENOBUFS, ENOMEM].contains(-arrival.descriptor)
                if isShort { pauseForDescriptors(at: now) }
                return
            }
            isStuck = false
            take(arrival, at: now)
            makeRoom(for: arrival.descriptor, in: limit, at: now)
            if limit.isUsedUp(by: arrival.descriptor) {
                return pauseForDescriptors(after: arrival.descriptor, at: now)
            }
        }
    }

    /// Takes a connection in; most have sent their request when they are accepted.
    private func take(_ arrival: mhd_arrival, at now: Duration) {
        guard connections.open(arrival, at: now) else { return }
        let descriptor = arrival.descriptor
        if mhd_peek(descriptor, configuration.maxRequestBytes) == mhd_arrived_head {
            handOver(descriptor)
        } else if !events.watch(descriptor, for: .arrivals) {
            connections.drop(descriptor)
        }
    }

    /// Looks at a connection whose first request was not there yet.
    private func look(at event: ReadyQueue.Event, now: Duration) {
        let descriptor = event.descriptor
        switch mhd_peek(descriptor, configuration.maxRequestBytes) {
        case mhd_arrived_head:
            events.forget(descriptor)
            handOver(descriptor)
        case mhd_arrived_part where !event.isEnd: connections.noteBytes(descriptor, at: now)
        case mhd_arrived_nothing where !event.isEnd: break
        default: connections.drop(descriptor)
        }
    }

    /// Hands a connection to the library, known and watched from before that.
    private func handOver(_ descriptor: CInt) {
        guard ends.watch(descriptor, for: .end) else { return connections.drop(descriptor) }
        guard connections.handOver(descriptor) else { return }
        if !add(descriptor) { connections.remove(descriptor) }
    }

    private mutating func showEnds() {
        endsDue = nil
        for _ in 0...(connections.count / ReadyQueue.capacity) {
            let ended = Array(ends.wait(.zero))
            connections.showEnds(of: ended)
            if ended.count < ReadyQueue.capacity { break }
        }
        events.change(ends.descriptor, to: .dataOnce)
    }

    private mutating func review(at now: Duration) {
        reviewDue = now + Self.reviewInterval
        connections.review(at: now)
        if let closed = connectionShortage.settle(at: now) {
            report(.connectionsEnough(closed: closed))
        }
        if descriptorShortage.settle(at: now) != nil { report(.descriptorsEnough) }
    }

    /// How late a deadline of a connection may be noticed.
    private static let reviewInterval: Duration = .seconds(1)
    /// From the end of what a client sends until the library is shown it, again and again.
    private static let endDelay: Duration = .milliseconds(50)
    /// Connections in a row before anything else gets its turn.
    private static let acceptedAtOnce = 64
}
