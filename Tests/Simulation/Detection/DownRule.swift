/// A rule that decides when a peer is down.
enum DownRule: Hashable {
    /// The first failed pull, whatever the reason, also one that failed because the puller was
    /// paused.
    case naive
    /// The ledger of the service, with this value of NOVA_FED_DOWN_AFTER.
    case service(downAfter: Int)
    /// Phi-accrual with this threshold.
    case phi(Double)

    static let naiveAndService: [DownRule] =
        [.naive] + downAfters.map { .service(downAfter: $0) }
    static let downAfters = [1, 2, 3]
    /// The thresholds of phi: those in use (8 is the default of Akka and Cassandra), then larger
    /// ones, which complete the curve.
    static let phis: [Double] = [1, 2, 4, 8, 16, 100, 1_000, 10_000, 100_000]
    static let all = naiveAndService + phis.map { .phi($0) }

    var name: String {
        switch self {
        case .naive: "naive"
        case .service(let downAfter): "service, down after \(downAfter)"
        case .phi(let threshold): "phi \(Int(threshold))"
        }
    }
}
