import Federation
import TestSupport
import Timing

/// A time in which one node is dead.
struct Death {
    enum Kind: String, CaseIterable {
        /// Its process ended: its machine refuses connections.
        case refused = "process ended"
        /// Its machine or its link is gone: nothing responds.
        case silent = "machine gone"
    }

    var node: Int
    var kind: Kind
    /// From its death to its restart.
    var span: Range<Instant>

    /// Draws deaths of one node after another, with time in between.
    ///
    /// A death lasts until every rule can have noticed it, also after a disturbance of the observer
    /// of this length.
    static func plan(
        _ count: Int,
        nodes: Int,
        interval: Duration,
        disturbed length: Duration,
        using generator: inout SeededGenerator
    ) -> [Death] {
        var deaths: [Death] = []
        // Phi-accrual needs some heartbeats.
        var restart = Instant(nanoseconds: 0) + interval * 20
        for number in 0..<count {
            let before = interval.inSeconds * Double.random(in: 10..<12, using: &generator)
            let start = restart + .seconds(before)
            restart = start + interval * 5 + length + .seconds(10)
            deaths.append(
                Death(
                    node: Int.random(in: 0..<nodes, using: &generator),
                    kind: number % 2 == 0 ? .refused : .silent,
                    span: start..<restart
                )
            )
        }
        return deaths
    }
}
