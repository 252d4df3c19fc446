/// Transfers at rest, kept for reuse: making one costs more than using it.
struct TransferPool {
    /// Those of a burst beyond it are freed.
    private static let capacity = 1024

    private var resting: [Transfer] = []
    /// Keeps the path in `limits.caFile` valid.
    private let authorities: CAFileCopy?
    /// What a transfer is made with; one that was made with others is not used again.
    var limits: FetchLimits {
        didSet { resting = [] }
    }

    init(limits: FetchLimits) {
        authorities = limits.caFile.flatMap(CAFileCopy.init)
        self.limits = limits
        if let authorities { self.limits.caFile = authorities.path }
    }

    /// A transfer at rest.
    mutating func take() -> Transfer {
        resting.popLast() ?? Transfer(limits: limits)
    }

    /// Takes one back that has ended, without what it received: the body of one that failed may be
    /// as long as a body may be.
    mutating func giveBack(_ transfer: Transfer) {
        transfer.receiver.reset()
        transfer.earlier = nil
        guard resting.count < Self.capacity, transfer.limits == limits, !transfer.attempt.hasRetried
        else { return }
        resting.append(transfer)
    }
}
