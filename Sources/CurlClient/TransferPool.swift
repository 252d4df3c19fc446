/// Transfers at rest, kept for reuse: making one costs more than using it.
struct TransferPool {
    /// Those of a burst beyond it are freed.
    private static let capacity = 1024

    private let limits: Limits
    private var resting: [Transfer] = []

    init(limits: Limits) {
        self.limits = limits
    }

    /// A transfer at rest.
    mutating func take() -> Transfer {
        resting.popLast() ?? Transfer(limits: limits)
    }

    /// Takes one back that has ended.
    mutating func giveBack(_ transfer: Transfer) {
        if resting.count < Self.capacity { resting.append(transfer) }
    }
}
