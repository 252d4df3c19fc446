package import Timing

/// One peer at one moment, as all pages show it.
package struct PeerReport: Sendable {
    /// Its index in the ledger of the report.
    package let index: Peer.Index
    package let peer: Peer
    package let state: PeerState
    /// The running time since the state began; nil before the first pull.
    package let stateAgeSeconds: Double?
    package let identity: IdentityState
    /// Whether the latest answer came from another node, is recent enough and has no stale numbers.
    package let isLive: Bool
    /// Whether the peer is live and counts for its node id.
    package let isCounted: Bool
    /// The label of the live peer that counts for this peer's node id; nil if there is none.
    package let holder: String?
    /// The label of the peer whose numbers and `ts` this one publishes; nil if there is none.
    package let sameNumbersAs: String?
    package let quality: Quality
    /// From the latest answer, including one from this process.
    package let nodeID: String?
    package let version: String?
    /// The node id and version in metric labels; nil before the first answer.
    package let info: (nodeID: String, version: String)?
    /// The wall clock at the last good pull, in Unix seconds; nil before the first.
    package let lastSeenWall: Double?
    /// The running time since the last good pull.
    package let ageSeconds: Double?
    /// The wall clock at the last good pull minus the peer's `ts`; negative if its clock is ahead.
    package let tsAgeSeconds: Double?
    /// Whether the peer's `ts` has not changed for the configured time, although it answered.
    package let isStale: Bool
    /// The running time since a pull first returned the present `ts`; nil for this node itself.
    package let numbersAgeSeconds: Double?
    /// From the last good pull.
    package let gStar: Double?
    package let lastFailure: FailedPull?
    /// The running time since the last failed pull ended.
    package let lastFailureAgeSeconds: Double?
    /// From the latest pull, good or failed.
    package let lastTimings: Timings?
    /// From the last TLS handshake since this process started; nil before it, and for http.
    package let certificate: PeerCertificate?
    /// The number of failed pulls by reason since the peer was configured; reasons that occurred.
    package let failures: [FailureReason: Int]

    /// Describes the peer at `index`; nil for a free index.
    ///
    /// `holder` is the peer that counts for its node id; `now` is in running time.
    init?(
        of index: Peer.Index,
        in ledger: Ledger,
        holder: Peer.Index?,
        at now: Instant,
        scoring: Scoring
    ) {
        guard let history = ledger[index] else { return nil }
        let identity = ledger.identity(of: index, at: now)
        self.index = index
        peer = history.peer
        state = history.state
        stateAgeSeconds = history.reported.since.map { max(0, now.seconds(since: $0)) }
        isLive = ledger.isLive(index, maxAge: scoring.maxAge, at: now)
        isCounted = holder == index
        // A duplicate counts once the earlier holder of the id is no longer live.
        self.identity = identity == .duplicate && isCounted ? .ok : identity
        self.holder = holder.flatMap { ledger.histories[$0]?.peer.label }
        sameNumbersAs = ledger.echoes.twin(of: index).flatMap { ledger.histories[$0]?.peer.label }
        quality = history.quality(
            at: now,
            windowEnd: ledger.endOfWindow(at: now),
            scoring: scoring
        )
        nodeID = history.answer?.nodeID
        version = history.answer?.version
        info =
            identity == .changing
            ? (Self.changing, Self.changing) : history.shown.map { ($0.nodeID, $0.version) }
        // If this process answers now, an older sample of another node does not describe it.
        let good = history.answer?.origin == .itself ? nil : history.lastGood
        lastSeenWall = history.lastGood?.wall
        ageSeconds = history.age(at: now)
        tsAgeSeconds = good.map { $0.wall - $0.sample.ts }
        isStale = history.state == .up && history.isStale
        numbersAgeSeconds = history.numbers.map { max(0, now.seconds(since: $0.since)) }
        gStar = good?.sample.metrics.gStar
        lastFailure = history.lastFailure
        lastFailureAgeSeconds = lastFailure.map { max(0, now.seconds(since: $0.received)) }
        lastTimings = history.lastTimings
        certificate = history.certificate
        failures = history.failures
    }

    /// Replaces the node id and version of a peer that keeps changing.
    private static let changing = "(changing)"
}

extension [FailureReason: Int] {
    /// The number of failed pulls of one type.
    package func errors(of type: ErrorType) -> Int {
        reduce(0) { $1.key.errorType == type ? $0 + $1.value : $0 }
    }
}

extension PeerHistory {
    /// The seconds since the last good pull.
    func age(at now: Instant) -> Double? {
        lastGood.map { max(0, now.seconds(since: $0.received)) }
    }

    /// The quality of this peer at `now`, over the window that ends at `windowEnd`.
    package func quality(at now: Instant, windowEnd: Instant, scoring: Scoring) -> Quality {
        let (pulls, good, durations) = window.pulls(since: windowEnd - scoring.window)
        return Quality(
            pulls: pulls,
            goodPulls: good,
            durations: durations,
            ageSeconds: age(at: now),
            scoring: scoring
        )
    }
}
