/// Idle transfers, kept for reuse, because creating one costs more than using it.
struct TransferPool {
    /// The maximum number of idle transfers; the others of a larger burst are freed.
    private static let capacity = 1024

    private var idle: [Transfer] = []
    /// Keeps the path in `limits.caFile` valid.
    private let caFileCopy: CAFileCopy?
    /// The limits of new transfers; transfers with other limits are not reused.
    var limits: FetchLimits {
        didSet { idle = [] }
    }

    init(limits: FetchLimits) {
        caFileCopy = limits.caFile.flatMap(CAFileCopy.init)
        self.limits = limits
        if let caFileCopy { self.limits.caFile = caFileCopy.path }
    }

    /// An idle transfer, or a new one.
    mutating func take() -> Transfer {
        idle.popLast() ?? Transfer(limits: limits)
    }

    /// Takes back a transfer that ended, and frees what it received: after a failure this may be a
    /// body of the maximum size.
    mutating func giveBack(_ transfer: Transfer) {
        transfer.receiver.reset()
        transfer.firstAttempt = nil
        guard idle.count < Self.capacity, transfer.limits == limits, !transfer.attempt.hasRetried
        else { return }
        idle.append(transfer)
    }
}
