package import Federation
internal import JSON

/// What this node says of itself: fixed at a tick, and as it is until the next.
package struct LocalState: Sendable {
    /// Peers of the original lose a node whose numbers are older than 300 s; warn before that.
    package static let staleAfterSeconds = 240.0

    /// The numbers, with our own view of our peers as `peerQuality`; nil until the source gave any.
    package var metrics: SummaryNumbers?
    /// Unix seconds at which the numbers were fixed, never later than the tick.
    package var ts = 0.0
    /// Our wall clock at the last tick, in Unix seconds, whatever the source; nil before the first.
    package var tickedWall: Double?
    /// What is wrong with the source; nil while it is well.
    package var problem: String?
    /// Whether the numbers were old at the tick.
    package var isOld = false
    /// The G* of the peers that counted at the tick.
    package var peerGStars: [Double] = []
    /// Solo or federated, after the live peers at the tick.
    package var context = Context.State.solo
    /// What the governor of this process made of it; nil with a source that is not builtin.
    package var wisdom: Wisdom?
    /// The cap on eta from the coherence that a file source gives; nil without one.
    package var triEtaCap: Double?

    /// By default the state before the first tick.
    package init(
        metrics: SummaryNumbers? = nil,
        ts: Double = 0,
        tickedWall: Double? = nil,
        problem: String? = nil,
        isOld: Bool = false,
        peerGStars: [Double] = [],
        context: Context.State = .solo,
        wisdom: Wisdom? = nil,
        triEtaCap: Double? = nil
    ) {
        (self.metrics, self.ts, self.tickedWall) = (metrics, ts, tickedWall)
        (self.problem, self.isOld, self.peerGStars) = (problem, isOld, peerGStars)
        (self.context, self.wisdom, self.triEtaCap) = (context, wisdom, triEtaCap)
    }

    /// Whether the numbers are so old that peers will soon lose this node.
    ///
    /// Those of our own governor are not: each tick renews them.
    package func isOld(at wall: Double) -> Bool {
        metrics != nil && wisdom == nil && wall - ts > Self.staleAfterSeconds
    }

    /// N of the peers that counted at the tick.
    var novelty: Double { Novelty.of(peerGStars) }

    /// Whether the governor of this process held G* at the most of a single node; never so for the
    /// numbers of another source.
    var isCapped: Bool { wisdom != nil && peerGStars.count < Generativity.fewestPeers }

    /// The state of the node in a line, for `systemctl status`.
    package func status(of report: Report) -> String {
        let gStar = metrics.map { JSON.number($0.gStar.roundedToThousandth) } ?? "not known yet"
        return """
            \(report.liveCount) of \(report.peers.count) peers live, \
            N \(JSON.number(report.novelty.roundedToThousandth)), G* \(gStar), \(context.rawValue)
            """
                + (problem.map { "; the local source \($0)" } ?? "")
    }

    /// The summary that peers are given; nil if there is nothing to say.
    package func summary(of identity: NodeIdentity, version: String) -> Summary? {
        metrics.map {
            Summary(
                nodeID: identity.nodeID,
                ts: ts,
                version: version,
                metrics: $0,
                instance: identity.instance
            )
        }
    }
}

extension Double {
    fileprivate var roundedToThousandth: Double { (self * 1000).rounded() / 1000 }
}
