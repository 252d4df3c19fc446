internal import CMicroHTTPD
internal import Glibc
import Synchronization

/// The open connections of a server, shared by the thread that accepts and those that serve.
///
/// A descriptor is only touched under the lock, and the library reports a connection's end, which
/// takes it out, before it closes the descriptor: what is touched is never another file that got
/// the same number.
final class Connections: Sendable {
    private let table: Mutex<ConnectionTable>
    private let counts: ListenerCounts
    /// For a request that waits for a page when its connection is evicted.
    private let evicted = Page(.refused(.busy), closing: true)

    init(_ limits: ConnectionTable.Limits, counts: ListenerCounts) {
        table = Mutex(ConnectionTable(limits))
        self.counts = counts
        counts.connectionLimit = limits.connections
    }

    var isFull: Bool { table.withLock { $0.isFull } }
    var count: Int { counts.openConnections }

    /// A connection was accepted; false if it was closed, as its address has too many.
    func open(_ arrival: mhd_arrival, at now: Duration) -> Bool {
        let client = mhd_client_of(arrival)
        let address = ClientAddress(high: client.high, low: client.low)
        let connection = OpenConnection(descriptor: arrival.descriptor, at: now)
        let isOpen = update { $0.open(connection, from: address) }
        if !isOpen {
            Glibc.close(arrival.descriptor)
            counts.note(.addressLimit)
        }
        return isOpen
    }

    /// A part of the first request is there.
    func noteBytes(_ descriptor: CInt, at now: Duration) {
        table.withLock { $0.noteBytes(descriptor, at: now) }
    }

    /// The library gets a connection; false if it is not known.
    func handOver(_ descriptor: CInt) -> Bool {
        table.withLock { $0.handOver(descriptor) }
    }

    /// The library begins with a connection.
    func serve(_ descriptor: CInt) -> OpenConnection? {
        table.withLock { $0.serve(descriptor) }
    }

    /// A connection is about to be closed by the library, or was refused by it.
    func remove(_ descriptor: CInt) {
        update { $0.remove(descriptor) }
    }

    /// Closes a connection that the library never got.
    func drop(_ descriptor: CInt) {
        update { table in
            guard table.slots[descriptor]?.owner == .listener else { return }
            table.remove(descriptor)
            Glibc.close(descriptor)
        }
    }

    /// Closes all that the library never got.
    func dropAll() {
        for descriptor in table.withLock({ Array($0.slots.keys) }) { drop(descriptor) }
    }

    /// Closes what is due to be closed.
    func review(at now: Duration) {
        // In parts: a serving thread that waits for the lock waits for a part only.
        let all = table.withLock { Array($0.slots.keys) }
        for start in stride(from: 0, to: all.count, by: Self.reviewedAtOnce) {
            let part = all[start..<min(start + Self.reviewedAtOnce, all.count)]
            update { table in
                for descriptor in part {
                    let cause = table.review(descriptor, traffic: Self.traffic(of:), at: now)
                    if let cause { close(descriptor, for: cause, in: &table) }
                }
            }
        }
    }

    /// Closes connections if places run short; how many.
    func makeRoom(
        extra: Int = 0,
        sparingLast: Int = 1,
        sparing accepted: CInt? = nil,
        at now: Duration
    ) -> Int {
        update { table in
            let evicted = table.makeRoom(
                extra: extra,
                sparingLast: sparingLast,
                sparing: accepted,
                traffic: Self.traffic(of:),
                at: now
            )
            for descriptor in evicted { close(descriptor, for: .evicted, in: &table) }
            return evicted.count
        }
    }

    /// Shows the library that clients have closed their sending side.
    ///
    /// Its epoll is edge-triggered: an end that arrives together with data is read with the data,
    /// or never. Shutting down the receiving side, of which nothing more can come, makes a new
    /// edge; what has arrived can still be read. A response under way is sent first.
    func showEnds(of ended: [ReadyQueue.Event]) {
        table.withLock { table in
            for event in ended where table.awaitsRequest(event.descriptor) {
                shutdown(event.descriptor, CInt(SHUT_RD))
            }
        }
    }

    /// Closes a connection, or makes the library close it.
    private func close(
        _ descriptor: CInt,
        for cause: ClosingCause,
        in table: inout ConnectionTable
    ) {
        counts.note(cause)
        guard let slot = table.slots[descriptor] else { return }
        if slot.owner == .listener {
            table.remove(descriptor)
            Glibc.close(descriptor)
            return
        }
        // The library closes no suspended connection. It closes this one behind the response, which
        // finds room unless others before it were not taken.
        if slot.connection.answerSuspended(with: evicted),
            !Self.traffic(of: descriptor).isSending
        {
            return
        }
        // What a client does not take is not kept for it in the kernel either.
        if cause == .stalled { mhd_discard_on_close(descriptor) }
        shutdown(descriptor, CInt(SHUT_RDWR))
    }

    private func update<Value: Sendable>(
        _ change: (inout ConnectionTable) -> sending Value
    ) -> Value {
        table.withLock { table in
            defer { counts.openConnections = table.count }
            return change(&table)
        }
    }

    private static func traffic(of descriptor: CInt) -> ConnectionTable.Traffic {
        let traffic = mhd_traffic_of(descriptor)
        return ConnectionTable.Traffic(
            received: Int(clamping: traffic.received),
            acknowledged: Int(clamping: traffic.acknowledged),
            isSending: traffic.is_sending != 0,
            silence: .milliseconds(traffic.silent_milliseconds)
        )
    }

    private static let reviewedAtOnce = 256
}

/// The clock of connections: since the machine started, a few milliseconds coarse.
enum Moment {
    static func now() -> Duration { .nanoseconds(mhd_coarse_nanoseconds()) }
}
