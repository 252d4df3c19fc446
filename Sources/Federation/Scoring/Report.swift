package import Timing

/// All peers at one moment: the source of health, metrics and the command line.
///
/// A pure function of ledger, time and settings. Qualities decay between pulls, so no part of a
/// report is stored.
package struct Report: Sendable {
    /// Sorted by label.
    package let peers: [PeerReport]
    /// The number of peers that count: live, one per node id, never this node.
    package let liveCount: Int
    /// The G* of the peers that count.
    package let peerGStars: [Double]
    /// N, computed from `peerGStars`.
    package let novelty: Double
    /// The mean quality of the peers that count; nil without any.
    package let meanQuality: Double?
    /// The number of peers that count and reach the quality of the gate; all of them without a
    /// gate.
    package let goodPeers: Int
    /// Whether at least one peer is live and the gate, if set, is met.
    package let ready: Bool
    package let totals: PullTotals
    /// Why this node itself may be the reason that pulls fail, and for how many seconds; empty if
    /// it is not suspect.
    package let suspicions: [SelfVerdict.Cause: Double]

    package init(of ledger: Ledger, at now: Instant, scoring: Scoring) {
        let now = ledger.running[now]
        let counted = ledger.counted(maxAge: scoring.maxAge, at: now)
        let holders = ledger.holders(among: counted)
        let sorted = ledger.peers.sorted { $0.peer.label < $1.peer.label }
        let peers = sorted.compactMap { index, _ in
            PeerReport(of: index, in: ledger, holder: holders[index], at: now, scoring: scoring)
        }
        let qualities = peers.lazy.filter(\.isCounted).map(\.quality.value)
        self.peers = peers
        liveCount = counted.count
        peerGStars = ledger.gStars(of: counted)
        novelty = Novelty.of(peerGStars)
        meanQuality = counted.isEmpty ? nil : qualities.reduce(0, +) / Double(counted.count)
        goodPeers = qualities.count { $0 >= scoring.minPeerQuality ?? 0 }
        ready =
            liveCount > 0
            && (scoring.minPeerQuality == nil || goodPeers >= scoring.minGoodPeers)
        totals = ledger.totals
        suspicions = ledger.selfVerdict.causes.mapValues { max(0, now.seconds(since: $0)) }
    }
}
