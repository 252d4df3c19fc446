internal import ClientTLS

/// Idle transfers, kept for reuse, because creating one costs more than using it.
struct TransferPool {
    /// The maximum number of idle transfers; the others of a larger burst are freed.
    private static let capacity = 1024

    private var idle: [Transfer] = []
    /// The limits of new transfers; transfers with other limits are not reused.
    var limits: FetchLimits {
        didSet {
            idle = []
            generation.limits += 1
            if !limits.tls.allowsConnections(of: oldValue.tls) { generation.tls += 1 }
        }
    }
    private(set) var generation = Generation()

    /// Counts the changes of `limits`.
    struct Generation: Equatable {
        var limits = 0
        /// The changes after which TLS connections that were made before must not be used.
        var tls = 0
    }

    init(limits: FetchLimits) {
        self.limits = limits
    }

    /// An idle transfer, or a new one.
    mutating func take() -> Transfer {
        idle.popLast() ?? Transfer(limits: limits, generation: generation)
    }

    /// Takes back a transfer that ended, and frees what it received: after a failure this may be a
    /// body of the maximum size.
    mutating func giveBack(_ transfer: Transfer) {
        transfer.receiver.reset()
        transfer.firstAttempt = nil
        guard idle.count < Self.capacity, transfer.generation == generation,
            !transfer.attempt.hasRetried
        else { return }
        idle.append(transfer)
    }
}
