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

    package init(of ledger: Ledger, at now: Instant, scoring: Scoring) {
        let now = ledger.runningTime(at: now)
        let counted = ledger.counted(maxAge: scoring.maxAge, at: now)
        let holders = ledger.holders(among: counted)
        var peers: [PeerReport] = []
        for index in ledger.indicesByLabel {
            guard let history = ledger[index] else { continue }
            peers.append(
                PeerReport(
                    of: history,
                    identity: ledger.identity(of: index, at: now),
                    isLive: ledger.isLive(index, maxAge: scoring.maxAge, at: now),
                    isCounted: holders[index] == index,
                    holder: holders[index].flatMap(ledger.label(of:)),
                    sameNumbersAs: ledger.echoes.twin(of: index).flatMap(ledger.label(of:)),
                    at: now,
                    scoring: scoring
                )
            )
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
    }
}
