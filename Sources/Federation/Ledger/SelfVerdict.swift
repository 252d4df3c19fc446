package import Timing

/// Whether this node itself may be the reason why its pulls fail.
///
/// A pull without any response (`FailureReason.mayBeOurNetwork`) can be the fault of its peer or of
/// this node's own network. So such a failure is held until another pull ends, unless its peer is
/// down already.
/// A response, even a refusal, proves that the network works: the held failures then count against
/// their peers. Without one, this node becomes suspect as soon as all peers that were up have
/// failed, or at least three of them for a whole interval:
///
///     trusted ──failure of a peer that is up──▶ holding ──all fail──▶ suspect
///        ▲                                         │                     │
///        └──────────────── a response ─────────────┴─────────────────────┘
///
/// With fewer than three peers up the evidence is too weak, so nothing is held.
/// Times are running times.
package struct SelfVerdict: Sendable {
    /// Why this node is suspect.
    package enum Cause: String, CaseIterable, Sendable {
        /// No peer that was up responds.
        case allPeersFailing = "all_peers_failing"
        /// Pulls timed out because the pull loop itself was late.
        case late
    }

    /// What to do with a failure.
    enum Ruling {
        /// It counts against its peer.
        case count
        /// It waits for the next response.
        case hold
        /// It does not count against its peer.
        case excuse
    }

    /// The minimum number of peers that must be up for a verdict.
    static let fewestPeers = 3
    /// The longest timeout of a pull: no pull overlaps an outage that ended earlier.
    private static let longestPull = Duration.seconds(60)
    /// How many outages are remembered; a window with more keeps fewer observations.
    private static let mostOutages = 64

    /// Since when each cause holds; empty if this node is not suspect.
    package private(set) var causes: [Cause: Instant] = [:]
    /// The failures that wait for a response, oldest first, at most two intervals of them.
    private(set) var held: [Observation] = []
    private var heldPeers: Set<Peer.Index> = []
    /// The latest outages, periods without any response, oldest first; the windows leave them out.
    private var outages: [Range<Instant>] = []
    /// When the loop was last so late that a pull timed out.
    private var lastLate = Instant.distantPast

    /// The end of the latest outage; in the future while it lasts.
    private var outageEnd: Instant { outages.last?.upperBound ?? .distantPast }

    /// Whether a response at `now` does not affect the verdict; the usual case.
    func isUndisturbed(at now: Instant) -> Bool {
        causes.isEmpty && held.isEmpty && now - outageEnd > Self.longestPull
    }

    /// Whether a pull began before the end of the latest outage, which may have affected it.
    func overlapsOutage(_ pull: Observation) -> Bool {
        pull.received - .seconds(pull.timings.total) < outageEnd
    }

    /// Decides what to do with a failure that may be due to our network; `upCount` peers are up.
    ///
    /// `state` is that of its peer. Another failure of a peer that is down shows nothing.
    mutating func rule(
        on pull: Observation,
        state: PeerState,
        upCount: Int,
        interval: Duration
    ) -> (ruling: Ruling, changes: [SelfChange]) {
        let now = pull.received
        var changes = lateness(at: now, interval: interval)
        // A reload may have removed the peers that were up.
        guard upCount >= Self.fewestPeers else {
            return (.count, changes + outageEnded(at: now))
        }
        guard !overlapsOutage(pull) else { return (.excuse, changes) }
        guard state != .down else { return (.count, changes) }
        held.append(pull)
        if state == .up { heldPeers.insert(pull.index) }
        let first = held[0].received
        let isWholeInterval = now - first >= interval
        guard heldPeers.count >= Self.fewestPeers, heldPeers.count >= upCount || isWholeInterval
        else { return (.hold, changes) }
        _ = takeHeld()
        causes[.allPeersFailing] = first
        if outages.count == Self.mostOutages { outages.removeFirst() }
        outages.append(first..<Instant.distantFuture)
        changes.append(.suspect(.allPeersFailing))
        return (.excuse, changes)
    }

    /// Whether the oldest held failure has waited for two intervals.
    func hasWaited(at now: Instant, interval: Duration) -> Bool {
        held.first.map { now - $0.received >= interval + interval } ?? false
    }

    /// Removes and returns the held failures, which then count against their peers.
    mutating func takeHeld() -> [Observation] {
        defer { (held, heldPeers) = ([], []) }
        return held
    }

    /// Forgets the held failures of a removed peer.
    mutating func remove(_ index: Peer.Index) {
        heldPeers.remove(index)
        held.removeAll { $0.index == index }
    }

    /// Records a response.
    mutating func responded(at now: Instant, interval: Duration) -> [SelfChange] {
        outageEnded(at: now) + lateness(at: now, interval: interval)
    }

    private mutating func outageEnded(at now: Instant) -> [SelfChange] {
        guard let since = causes.removeValue(forKey: .allPeersFailing) else { return [] }
        if let outage = outages.popLast() {
            outages.append(outage.lowerBound..<max(now, outage.lowerBound))
        }
        return [.trusted(.allPeersFailing, after: now - since)]
    }

    /// Records that pulls timed out because the loop was late; those do not count in any case.
    mutating func wasLate(at now: Instant) -> [SelfChange] {
        lastLate = now
        guard causes[.late] == nil else { return [] }
        causes[.late] = now
        return [.suspect(.late)]
    }

    /// Ends the cause `late` when the loop was on time for an interval.
    ///
    /// So a machine that is often late causes at most one change per interval.
    private mutating func lateness(at now: Instant, interval: Duration) -> [SelfChange] {
        guard now - lastLate >= interval, let since = causes.removeValue(forKey: .late)
        else { return [] }
        return [.trusted(.late, after: now - since)]
    }

    /// The end of a window of `length` at `now`: earlier by the length of the outages in it.
    func endOfWindow(at now: Instant, length: Duration) -> Instant {
        var end = now
        for outage in outages.reversed() {
            guard min(outage.upperBound, now) > end - length else { break }
            end = end - (min(outage.upperBound, now) - min(outage.lowerBound, now))
        }
        return end
    }
}

/// A change of the verdict, to report once; each cause has its own.
package enum SelfChange: Hashable, Sendable {
    case suspect(SelfVerdict.Cause)
    /// The cause no longer holds; `after` is how long it held.
    case trusted(SelfVerdict.Cause, after: Duration)
}

extension FailureReason {
    /// Whether there was no response, as when our own network fails.
    package var mayBeOurNetwork: Bool {
        switch self {
        case .timedOut, .connectFailed, .dnsFailed: true
        default: false
        }
    }
}
