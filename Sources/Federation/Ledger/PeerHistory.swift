package import Timing

/// Everything known about one configured peer.
///
/// It contains nothing that decays with time; a report computes that.
package struct PeerHistory: Sendable {
    /// How many changes of the node id in the window make a peer `IdentityState.changing`.
    static let manyChanges = 3

    /// The latest answer, including one from this process.
    struct Answer: Sendable {
        var nodeID: String
        var version: String
        var origin: Origin
        var received: Instant
        /// Since when the peer has answered with this node id; see `Ledger.claim`.
        var since: Instant
    }

    /// The latest good pull of another process, of any age.
    struct GoodPull: Sendable {
        var received: Instant
        /// Unix seconds by this node's clock at that moment.
        var wall: Double
        var sample: Sample
    }

    package internal(set) var peer: Peer
    /// The position of the peer in the configured list.
    var rank: Int
    /// A time before the peer's first pull, and after every pull recorded when it was configured.
    private let configured: Instant
    /// The result of the latest pull; stays as it was until enough consecutive pulls have failed.
    package internal(set) var state = PeerState.unknown
    package internal(set) var window = RollingWindow()
    /// The number of failed pulls by reason since the peer was configured; reasons that occurred.
    package private(set) var failures: [FailureReason: Int] = [:]
    package internal(set) var lastFailure: FailedPull?
    /// The timings of the latest pull.
    var lastTimings: Timings?
    var answer: Answer?
    /// From the last pull that made a TLS handshake.
    var certificate: PeerCertificate?
    var lastGood: GoodPull?
    /// Nil before the first answer, and if the latest came from this process or a clone.
    var numbers: NumbersAge?
    /// The times of the latest changes of the node id, oldest first, at most `manyChanges`.
    var changes: [Instant] = []
    var shown: ShownNode?
    var reported = ReportedState()
    /// The end of the latest pull.
    package internal(set) var lastPull: Instant?

    init(peer: Peer, rank: Int, configured: Instant) {
        self.peer = peer
        self.rank = rank
        self.configured = configured
    }

    /// Records one pull; `horizon` is the start of the window at that moment.
    ///
    /// An answer from this process changes state and identity, but no statistic. A pull that ended
    /// before one already recorded only enters the window. A peer that has responded is down after
    /// `downAfter` consecutive failures, any other after the first.
    mutating func record(
        _ pull: Observation,
        from identity: NodeIdentity,
        horizon: Instant,
        downAfter: Int
    ) {
        switch pull.outcome {
        case .failure:
            keep(nil, of: pull, horizon: horizon)
            guard acceptIfLatest(pull) else { return }
            if state == .unknown || consecutiveFailures(upTo: downAfter) >= downAfter {
                state = .down
            }
        case .success(var summary):
            summary.nodeID = summary.nodeID.sharingStorage(of: answer?.nodeID)
            summary.version = summary.version.sharingStorage(of: answer?.version)
            let origin = identity.origin(of: summary)
            if origin != .itself { keep(summary, of: pull, horizon: horizon) }
            if answer.map({ pull.received >= $0.received }) ?? true {
                recordAnswer(summary, from: origin, at: pull.received)
            }
            guard acceptIfLatest(pull) else { return }
            state =
                switch origin {
                case .other: .up
                case .itself: .itself
                case .clone: .clone
                }
        }
    }

    /// Counts a failure by its reason, also one that does not count against the peer.
    mutating func count(_ failure: Failure, at received: Instant) {
        failures[failure.reason, default: 0] += 1
        lastPull = max(received, lastPull ?? received)
        if lastFailure.map({ received >= $0.received }) ?? true {
            lastFailure = FailedPull(failure: failure, received: received)
        }
    }

    /// The number of failed pulls in the window since the latest answer, at most `limit`.
    private func consecutiveFailures(upTo limit: Int) -> Int {
        window.failures(after: answer?.received ?? .distantPast, upTo: limit)
    }

    /// Makes `pull` the latest one; returns false and changes nothing if a later one is known.
    private mutating func acceptIfLatest(_ pull: Observation) -> Bool {
        if let lastPull, pull.received < lastPull { return false }
        lastPull = pull.received
        lastTimings = pull.timings
        if let certificate = pull.certificate { self.certificate = certificate }
        return true
    }

    /// Adds a pull to the window; a good one also updates `lastGood`.
    private mutating func keep(_ summary: Summary?, of pull: Observation, horizon: Instant) {
        let sample = summary.map {
            Sample(nodeID: $0.nodeID, ts: $0.ts, metrics: $0.metrics)
        }
        window.append(RollingWindow.Entry(of: pull, sample: sample), droppingBefore: horizon)
        guard let sample else { return }
        if let lastGood, pull.received < lastGood.received { return }
        lastGood = GoodPull(received: pull.received, wall: pull.wall, sample: sample)
    }

    /// Records which node answered.
    private mutating func recordAnswer(
        _ summary: Summary,
        from origin: Origin,
        at received: Instant
    ) {
        let (nodeID, version) = (summary.nodeID, summary.version)
        var since = lastPull == nil ? configured : received
        if let answer {
            if answer.nodeID.hasSameBytes(as: nodeID) {
                since = answer.since
            } else {
                numbers?.ts = .nan  // numbers of another node: equal to no `ts`
                if changes.count == Self.manyChanges { changes.removeFirst() }
                changes.append(received)
            }
        }
        answer = Answer(
            nodeID: nodeID,
            version: version,
            origin: origin,
            received: received,
            since: since
        )
        let current = ShownNode(nodeID: nodeID, version: version, since: received)
        shown = shown?.replaced(by: current) ?? current
    }

    /// Whether the node id changed at least `manyChanges` times since `horizon`.
    func isChanging(since horizon: Instant) -> Bool {
        changes.count == Self.manyChanges && changes[0] >= horizon
    }

    /// Whether the latest answer came from another node, is at most `maxAge` old, and had no stale
    /// numbers.
    ///
    /// A peer that was live when this process last stood still stays live until its next slot, for
    /// at most `maxAge`. That slot can be half an interval later than without the standstill, so
    /// the age alone is not enough.
    func isLive(maxAge: Duration, at now: Instant, standstill: Instant?) -> Bool {
        guard let answer, answer.origin == .other, !isStale else { return false }
        if now - answer.received <= maxAge { return true }
        guard let standstill, let lastPull, lastPull < standstill else { return false }
        return standstill - answer.received <= maxAge && now - standstill <= maxAge
    }
}

/// A failed pull, for troubleshooting.
package struct FailedPull: Hashable, Sendable {
    package var failure: Failure
    /// When it ended, by the monotonic clock, so that clock changes do not affect its age.
    package var received: Instant
}
