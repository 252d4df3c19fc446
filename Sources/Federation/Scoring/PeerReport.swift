package import Timing

/// One peer at one moment, as every page shows it.
package struct PeerReport: Sendable {
    package let peer: Peer
    package let state: PeerState
    package let identity: IdentityState
    /// Whether its latest answer came from another node and is young enough.
    package let isLive: Bool
    /// Whether it is live and the one that counts of those with its node id.
    package let isCounted: Bool
    /// The label of the peer that counts for the node id of this one; nil if none is live.
    package let holder: String?
    /// The label of the peer whose numbers and `ts` this one publishes; nil without one.
    package let sameNumbersAs: String?
    package let quality: Quality
    /// Of its latest answer, our own included.
    package let nodeID: String?
    package let version: String?
    /// What its metric may carry of these two; nil before the first answer.
    package let info: (nodeID: String, version: String)?
    /// Our wall clock at the last good pull, in Unix seconds; nil before the first.
    package let lastSeenWall: Double?
    /// The running time since the last good pull.
    package let ageSeconds: Double?
    /// Our wall clock at the last good pull less the peer's `ts`; negative if its clock is ahead.
    package let tsAgeSeconds: Double?
    /// The G* of the last good pull.
    package let gStar: Double?
    package let lastFailure: FailedPull?
    /// The running time since it ended.
    package let lastFailureAgeSeconds: Double?
    /// Of the latest pull, good or not.
    package let lastTimings: Timings?
    /// The failed pulls by reason, since the peer was configured; reasons that occurred.
    package let failures: [FailureReason: Int]

    init(
        of history: PeerHistory,
        identity: IdentityState,
        isLive: Bool,
        isCounted: Bool,
        holder: String?,
        sameNumbersAs: String?,
        at now: Instant,
        scoring: Scoring
    ) {
        peer = history.peer
        state = history.state
        // The peer that held the id first has not answered for so long that it is not live.
        self.identity = identity == .duplicate && isCounted ? .ok : identity
        self.isLive = isLive
        self.isCounted = isCounted
        self.holder = holder
        self.sameNumbersAs = sameNumbersAs
        quality = history.quality(at: now, scoring: scoring)
        nodeID = history.answer?.nodeID
        version = history.answer?.version
        info =
            identity == .changing
            ? (Self.changing, Self.changing) : history.shown.map { ($0.nodeID, $0.version) }
        // What another node said before is not said of ourselves.
        let sample = history.answer?.origin == .itself ? nil : history.lastGood?.sample
        lastSeenWall = history.lastGood?.sample.received
        ageSeconds = history.age(at: now)
        tsAgeSeconds = sample.map { $0.received - $0.ts }
        gStar = sample?.metrics.gStar
        lastFailure = history.lastFailure
        lastFailureAgeSeconds = lastFailure.map { max(0, now.seconds(since: $0.received)) }
        lastTimings = history.lastTimings
        failures = history.failures
    }

    /// Shown in place of a node id, and of a version, that does not stay.
    private static let changing = "(changing)"
}

extension [FailureReason: Int] {
    /// The failed pulls of one type.
    package func errors(of type: ErrorType) -> Int {
        reduce(0) { $1.key.errorType == type ? $0 + $1.value : $0 }
    }
}

extension PeerHistory {
    /// The seconds since the last good pull.
    package func age(at now: Instant) -> Double? {
        lastGood.map { max(0, now.seconds(since: $0.received)) }
    }

    /// How well this peer could be pulled within the window that ends at `now`.
    package func quality(at now: Instant, scoring: Scoring) -> Quality {
        let (pulls, good, durations) = window.pulls(since: now - scoring.window)
        return Quality(
            pulls: pulls,
            goodPulls: good,
            durations: durations,
            ageSeconds: age(at: now),
            scoring: scoring
        )
    }
}
