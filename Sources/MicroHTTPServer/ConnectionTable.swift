internal import Timing

/// Decides which connections are closed, and when: events in, decisions out.
///
///     accepted ──first byte──▶ part of a request ──head──▶ answering ──▶ idle ──first byte──▶ …
///        │ 30 s                     │ 10 s                     │ nothing acknowledged for 10 s
///        ▼                          ▼                          ▼
///      unused                   incomplete                  stalled
///
/// When connections run short, some are `evicted`, the longest idle first. Whatever clients do, one
/// can be closed, or a place becomes free within a loop iteration of the library (see `makeRoom`).
/// The library gets a connection when the head of its first request has arrived, so a connection
/// without a request costs a descriptor and no buffer.
struct ConnectionTable {
    /// What the kernel counts for a connection.
    struct Traffic: Equatable {
        var received = 0
        /// Sent bytes that the client's kernel has acknowledged.
        var acknowledged = 0
        /// Whether sent bytes are still unacknowledged.
        var isSending = false
        /// The time since data last arrived.
        var silence: Duration = .zero
    }

    /// Who closes the descriptor of a connection.
    enum Owner {
        /// The accept loop, until the first request has arrived.
        case listener
        /// The library, which may still refuse the connection: then the descriptor may already be
        /// that of another file.
        case handedOver
        /// The library, which will report the end of the connection.
        case library
    }

    struct Slot {
        let connection: OpenConnection
        let address: UInt128
        var owner = Owner.listener
        var isClosing = false
        /// When the first byte of an incomplete request arrived.
        var requestBegan: Instant?
        /// The `completeBytes` of the connection at that time.
        var completeBytes = 0
        var acknowledged = 0
        var lastProgress: Instant
    }

    let limits: Configuration
    var slots: [CInt: Slot] = [:]
    var newcomers = Newcomers()
    private var closing = 0
    private var perAddress: [UInt128: Int] = [:]

    init(_ limits: Configuration) {
        self.limits = limits
    }

    /// Open connections, including those that are being closed.
    var count: Int { slots.count }
    var isFull: Bool { slots.count >= limits.maxConnections }
    /// How many more may be opened before some are evicted.
    var free: Int { limits.maxConnections - (slots.count - closing) }
    /// The number of places kept free, so that a new connection never waits for another to end.
    var reserve: Int { Self.sixteenth(of: limits.maxConnections) }

    /// A sixteenth, 1 to 256.
    static func sixteenth(of count: Int) -> Int { min(max(count / 16, 1), 256) }

    /// Adds an accepted connection; false if its address, IPv6 or IPv4-mapped, has too many.
    mutating func open(_ connection: OpenConnection, from address: UInt128) -> Bool {
        // Replaces an entry whose end the library could not report because it had no memory.
        remove(connection.descriptor)
        if limits.maxConnectionsPerAddress > 0 {
            let count = perAddress[address, default: 0]
            guard count < limits.maxConnectionsPerAddress else { return false }
            perAddress[address] = count + 1
        }
        slots[connection.descriptor] = Slot(
            connection: connection,
            address: address,
            lastProgress: connection.accepted
        )
        newcomers.append(connection.descriptor)
        return true
    }

    /// A part of the first request has arrived.
    mutating func noteBytes(_ descriptor: CInt, at now: Instant) {
        if slots[descriptor]?.requestBegan == nil { slots[descriptor]?.requestBegan = now }
    }

    /// A connection is about to be passed to the library; false if it is unknown.
    mutating func handOver(_ descriptor: CInt) -> Bool {
        guard slots[descriptor]?.owner == .listener else { return false }
        newcomers.remove(descriptor)
        slots[descriptor]?.owner = .handedOver
        slots[descriptor]?.requestBegan = nil
        return true
    }

    /// The library has started a connection; nil if it is unknown.
    mutating func serve(_ descriptor: CInt) -> OpenConnection? {
        slots[descriptor]?.owner = .library
        return slots[descriptor]?.connection
    }

    /// A connection is about to be closed, or was closed.
    mutating func remove(_ descriptor: CInt) {
        guard let slot = slots.removeValue(forKey: descriptor) else { return }
        newcomers.remove(descriptor)
        if slot.isClosing { closing -= 1 }
        guard let count = perAddress[slot.address] else { return }
        perAddress[slot.address] = count > 1 ? count - 1 : nil
    }

    /// Whether the library waits for data on a connection, and so may be shown its end.
    func awaitsRequest(_ descriptor: CInt) -> Bool {
        guard let slot = slots[descriptor], slot.owner == .library else { return false }
        return !slot.connection.activity.isAnswering
    }

    mutating func markClosing(_ descriptor: CInt) {
        guard slots[descriptor]?.isClosing == false else { return }
        slots[descriptor]?.isClosing = true
        closing += 1
    }
}
