import Federation
import Timing

/// The values that the pages of one node show at one moment.
///
/// Arithmetic faults are planted here.
struct Reading {
    var qualities: [Double]
    /// N.
    var novelty: Double
    var robustNovelty: Double
    /// The built-in G*.
    var gStar: Double
    /// The labels of the peers that count, ascending.
    var counted: [String]
    /// The number of live peers, counted by the simulation.
    var live: Int

    /// Reads the report of the ledger of `node`, and the values of its last tick.
    init(_ report: Report, _ wisdom: Wisdom, _ node: Node, fault: Fault?, at now: Instant) {
        let made = wisdom.generativity
        qualities = report.peers.map { Self.value($0.quality, fault) }
        novelty = fault == .novelty ? Novelty.of(report.peerGStars) * 10 : report.novelty
        robustNovelty = Novelty.robust(report.peerGStars)
        live = node.livePeers(at: now)
        counted =
            fault == .holders
            ? node.holders(at: now) { $0.at > $1.at }
            : report.peers.filter(\.isCounted).map(\.peer.label)
        gStar =
            switch fault {
            case .generativity:
                made.components.progress * 40 + made.components.novelty * 30
                    + made.components.consistency * 30
            case .cap: Generativity.gStar(of: made.components, weights: node.constants.weights)
            default: made.gStar
            }
    }

    /// A quality, or its value without dividing by the sum of the weights.
    static func value(_ quality: Quality, _ fault: Fault?) -> Double {
        guard fault == .quality else { return quality.value }
        return 5 * quality.successRate + 3 * quality.latencyScore + 2 * quality.freshness
    }
}
