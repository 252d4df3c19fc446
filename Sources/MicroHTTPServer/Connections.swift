internal import CMicroHTTPD
internal import Glibc
import Synchronization
internal import Timing

/// The open connections of a server, shared by the thread that accepts and those that serve.
///
/// Descriptors are only used under the lock. Before the library closes one it reports the end of
/// the connection, which removes it here; so a reused descriptor is never touched by mistake.
final class Connections: Sendable {
    let counts: ListenerCounts
    /// For the handshakes of connections with TLS; nil for plain TCP.
    private let access: AccessControl?
    private let table: Mutex<ConnectionTable>
    /// The response to a request that waits for a page when its connection is evicted.
    private let evicted = Page(.refused(.busy), closing: true)

    init(_ limits: Configuration, access: AccessControl?, counts: ListenerCounts) {
        self.access = access
        table = Mutex(ConnectionTable(limits))
        self.counts = counts
        counts.connectionLimit = limits.maxConnections
    }

    var count: Int { counts.openConnections }

    /// Reads or changes the table under the lock.
    func withTable<Value: Sendable>(
        _ body: (inout ConnectionTable) -> sending Value
    ) -> Value {
        table.withLock { table in
            defer { counts.openConnections = table.count }
            return body(&table)
        }
    }

    /// Adds an accepted connection; if its address has too many, closes it and returns false.
    func open(_ arrival: mhd_arrival, at now: Instant) -> Bool {
        let address = UInt128(mhd_client_of(arrival))
        let connection = OpenConnection(
            descriptor: arrival.descriptor,
            at: now,
            access: access
        )
        let isOpen = withTable { $0.open(connection, from: address) }
        if !isOpen {
            Glibc.close(arrival.descriptor)
            counts.note(.addressLimit)
        }
        return isOpen
    }

    /// Closes a connection that the library does not have yet; `cause` is counted.
    func drop(_ descriptor: CInt, for cause: ClosingCause? = nil) {
        withTable { table in
            guard table.slots[descriptor]?.owner == .listener else { return }
            if let cause { counts.note(cause) }
            table.remove(descriptor)
            Glibc.close(descriptor)
        }
    }

    /// Closes all connections that the library does not have yet.
    func dropAll() {
        for descriptor in withTable({ Array($0.slots.keys) }) { drop(descriptor) }
    }

    /// Closes the connections whose time is over.
    func review(at now: Instant) {
        // In parts, so that a serving thread waits for the lock only as long as one part takes.
        let all = withTable { Array($0.slots.keys) }
        for start in stride(from: 0, to: all.count, by: Self.reviewedAtOnce) {
            let part = all[start..<min(start + Self.reviewedAtOnce, all.count)]
            withTable { table in
                for descriptor in part {
                    let cause = table.review(descriptor, traffic: Self.traffic(of:), at: now)
                    if let cause { close(descriptor, for: cause, in: &table) }
                }
            }
        }
    }

    /// Evicts connections if there are too many, and returns how many (see `ConnectionTable`).
    func makeRoom(
        extra: Int = 0,
        sparingLast: Int = 1,
        sparing accepted: CInt? = nil,
        at now: Instant
    ) -> Int {
        withTable { table in
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

    /// Makes the library notice that clients have closed their sending side.
    ///
    /// Its epoll is edge-triggered: an end that arrives together with data is read with the data,
    /// or never. Shutting down the receiving side makes a new edge. Data that has arrived can still
    /// be read, and a response in progress is sent first.
    func showEnds(of ended: [ReadyQueue.Event]) {
        withTable { table in
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
        // The library does not close a suspended connection. It closes this one after the response,
        // which fits into the socket buffer unless earlier responses were not read.
        if slot.connection.answerSuspended(with: evicted),
            !Self.traffic(of: descriptor).isSending
        {
            return
        }
        // The kernel must not keep what the client does not read.
        if cause == .stalled { mhd_discard_on_close(descriptor) }
        shutdown(descriptor, CInt(SHUT_RDWR))
    }

    static func traffic(of descriptor: CInt) -> ConnectionTable.Traffic {
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

extension Instant {
    /// The clock for connections: cheap, a few milliseconds coarse, with another zero than
    /// `SystemClock`.
    static func coarse() -> Instant { Instant(nanoseconds: mhd_coarse_nanoseconds()) }
}
