package import Federation

/// This node's own numbers, computed at a tick and constant until the next.
package struct LocalState: Sendable {
    /// Peers that run Nova drop a node whose numbers are older than 300 s; this warns earlier.
    package static let staleAfterSeconds = 240.0

    /// The numbers, with our own peer quality; nil until the source has provided any.
    package var metrics: SummaryNumbers?
    /// Unix seconds of the numbers, never later than the tick.
    package var ts = 0.0
    /// Our wall clock at the last tick, in Unix seconds; nil before the first.
    package var tickedWall: Double?
    /// The problem of the source; nil if there is none.
    package var problem: String?
    /// Whether the numbers were old at the tick.
    package var isOld = false
    /// The G* of the peers that counted at the tick.
    package var peerGStars: [Double] = []
    /// These peers, by label.
    package var countedPeers: [CountedPeer] = []
    package var context = Context.State.solo
    /// The governor's result; nil unless the source is builtin.
    package var wisdom: Wisdom?
    /// The regime of the last tick that had one, in this run or the previous one; nil before.
    package var lastRegime: String?
    /// The cap on eta from the TRI coherence of a file source; nil without one.
    package var triEtaCap: Double?

    package static let beforeFirstTick = LocalState()

    /// Whether the numbers are so old that peers will soon drop this node.
    ///
    /// Always false for the builtin source, because each tick renews its numbers.
    package func isOld(at wall: Double) -> Bool {
        metrics != nil && wisdom == nil && wall - ts > Self.staleAfterSeconds
    }

    /// N of the peers that counted at the tick.
    var novelty: Double { Novelty.of(peerGStars) }

    /// Whether G* was capped at the maximum of a single node; always false for other sources.
    var isCapped: Bool { wisdom != nil && peerGStars.count < Generativity.fewestPeers }

    /// The state of the node in one line, for `systemctl status`.
    package func status(of report: Report) -> String {
        let gStar = metrics.map { "\($0.gStar.roundedToThousandth)" } ?? "unknown"
        let problem = problem.map { "; the local source \($0)" } ?? ""
        return """
            \(report.liveCount) of \(report.peers.count) peers live, \
            N \(report.novelty.roundedToThousandth), G* \(gStar), \(context.rawValue)\(problem)
            """
    }

    /// The summary for peers; nil while there are no numbers.
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
