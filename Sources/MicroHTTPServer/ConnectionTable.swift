/// Decides which connections are closed, and when: events in, decisions out.
///
///     accepted ──first byte──▶ part of a request ──head──▶ answering ──▶ idle ──first byte──▶ …
///        │ 30 s                     │ 10 s                     │ nothing taken for 10 s
///        ▼                          ▼                          ▼
///      unused                   incomplete                  stalled
///
/// When connections run short, some are closed, the longest idle first: `evicted`. Whatever clients
/// do there is one to close, or a place within a turn of the library's threads (see `makeRoom`).
/// The library gets a connection when the head of its first request is there, so those that never
/// send one cost a descriptor each, and no memory of ours.
struct ConnectionTable {
    /// The bounds of a listener's connections.
    struct Limits: Sendable {
        /// Connections at once.
        var connections: Int
        /// Connections at once from one address, 0 for no limit.
        var perAddress = 0
        /// Of those, places that idle connections are closed for, so that a new connection never
        /// waits for another to end.
        var reserved: Int
        /// A request must be complete so long after its first byte.
        var requestTimeout: Duration = .seconds(10)
        /// A new connection may be silent for so long.
        var firstByteTimeout: Duration = .seconds(30)
        /// A client that is sent a response must take some of it within this time.
        var stallTimeout: Duration = .seconds(10)
        /// A response that takes longer is evicted before those of others.
        var answerGrace: Duration = .seconds(10)

        init(connections: Int, perAddress: Int = 0) {
            self.connections = connections
            self.perAddress = perAddress
            reserved = Self.share(of: connections)
        }

        /// Those of a server; nothing may be silent for longer than an idle connection.
        init(_ configuration: Configuration) {
            self.init(
                connections: configuration.maxConnections,
                perAddress: configuration.maxConnectionsPerAddress
            )
            requestTimeout = min(configuration.requestTimeout, configuration.idleTimeout)
            firstByteTimeout = min(configuration.firstByteTimeout, configuration.idleTimeout)
            stallTimeout = configuration.stallTimeout
        }

        /// A sixteenth, 1 to 256.
        static func share(of count: Int) -> Int { min(max(count / 16, 1), 256) }
    }

    /// What the kernel counts of a connection, as far as it decides anything.
    struct Traffic: Equatable {
        /// Bytes that arrived.
        var received = 0
        /// Bytes of responses that the client's side has acknowledged.
        var acknowledged = 0
        /// Whether bytes of responses are on their way, or wait to be.
        var isSending = false
        /// Since the last bytes arrived.
        var silence: Duration = .zero
    }

    /// Who may close the descriptor of a connection.
    enum Owner {
        /// We, while its first request is not there.
        case listener
        /// The library, which has not begun with it, and may still refuse it: then its number may
        /// be that of another file already.
        case handedOver
        /// The library, which will report its end.
        case library
    }

    struct Slot {
        let connection: OpenConnection
        let address: ClientAddress
        var owner = Owner.listener
        var isClosing = false
        /// When the first byte of a request came that is not complete yet.
        var requestBegan: Duration?
        /// The heads that were complete when that was noticed.
        var completeBytes = 0
        var acknowledged = 0
        var lastProgress: Duration
    }

    let limits: Limits
    private(set) var slots: [CInt: Slot] = [:]
    var newcomers = Newcomers()
    private var closing = 0
    private var perAddress: [ClientAddress: Int] = [:]

    init(_ limits: Limits) {
        self.limits = limits
    }

    /// Connections that are open, those that are being closed included.
    var count: Int { slots.count }
    var isFull: Bool { slots.count >= limits.connections }
    /// How many more may be opened before some are evicted.
    var free: Int { limits.connections - (slots.count - closing) }

    /// A connection was accepted; false if its address has as many as it may have.
    mutating func open(_ connection: OpenConnection, from address: ClientAddress) -> Bool {
        // The number of one whose end was not reported, as the library ran out of memory.
        remove(connection.descriptor)
        if limits.perAddress > 0 {
            guard perAddress[address, default: 0] < limits.perAddress else { return false }
            perAddress[address, default: 0] += 1
        }
        slots[connection.descriptor] = Slot(
            connection: connection,
            address: address,
            lastProgress: connection.accepted
        )
        newcomers.append(connection.descriptor)
        return true
    }

    /// A part of the first request is there.
    mutating func noteBytes(_ descriptor: CInt, at now: Duration) {
        if slots[descriptor]?.requestBegan == nil { slots[descriptor]?.requestBegan = now }
    }

    /// The library gets a connection; false if it is not known.
    mutating func handOver(_ descriptor: CInt) -> Bool {
        guard slots[descriptor]?.owner == .listener else { return false }
        newcomers.remove(descriptor)
        slots[descriptor]?.owner = .handedOver
        slots[descriptor]?.requestBegan = nil
        return true
    }

    /// The library begins with a connection; nil if it is not known.
    mutating func serve(_ descriptor: CInt) -> OpenConnection? {
        slots[descriptor]?.owner = .library
        return slots[descriptor]?.connection
    }

    /// A connection is about to be closed, or was.
    mutating func remove(_ descriptor: CInt) {
        guard let slot = slots.removeValue(forKey: descriptor) else { return }
        newcomers.remove(descriptor)
        if slot.isClosing { closing -= 1 }
        guard let count = perAddress[slot.address] else { return }
        perAddress[slot.address] = count > 1 ? count - 1 : nil
    }

    /// Whether the library waits for bytes of a connection, and so can be shown its end.
    func awaitsRequest(_ descriptor: CInt) -> Bool {
        guard let slot = slots[descriptor], slot.owner == .library else { return false }
        return !slot.connection.activity.isAnswering
    }

    mutating func markClosing(_ descriptor: CInt) {
        guard slots[descriptor]?.isClosing == false else { return }
        slots[descriptor]?.isClosing = true
        closing += 1
    }

    mutating func update(_ descriptor: CInt, _ slot: Slot) { slots[descriptor] = slot }
}

/// The address of a client, without its port.
struct ClientAddress: Hashable {
    var high: UInt64
    var low: UInt64
}
