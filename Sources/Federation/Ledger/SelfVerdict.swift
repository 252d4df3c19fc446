package import Timing

/// Whether this node itself may be the reason why its pulls fail.
///
/// A pull without any response (`FailureReason.mayBeOurNetwork`) can be the fault of its peer or of
/// this node's own network. So such a failure of a peer that is up is held until another pull ends.
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
    /// The longest timeout of a pull. No pull overlaps an outage that ended earlier.
    private static let longestPull = Duration.seconds(60)

    /// Since when each cause holds; empty if this node is not suspect.
    package private(set) var causes: [Cause: Instant] = [:]
    /// The failures that wait for a response, oldest first, at most two intervals of them.
    private(set) var held: [Observation] = []
    private var heldPeers: Set<Peer.Index> = []
    /// The latest outage: a period without any response, which the windows leave out.
    private var outage = Instant.distantPast..<Instant.distantPast
    /// When the loop was last so late that a pull timed out.
    private var lastLate = Instant.distantPast

    /// Whether a response at `now` does not affect the verdict; the usual case.
    func isUndisturbed(at now: Instant) -> Bool {
        causes.isEmpty && held.isEmpty && now - outage.upperBound > Self.longestPull
    }

    /// Whether a pull began before the end of the latest outage, which may have affected it.
    func overlapsOutage(_ pull: Observation) -> Bool {
        pull.received - .seconds(pull.timings.total) < outage.upperBound
    }

    /// Decides what to do with a failure that may be due to our network; `upCount` peers are up.
    mutating func rule(
        on pull: Observation,
        isUp: Bool,
        upCount: Int,
        interval: Duration
    ) -> (ruling: Ruling, change: SelfChange?) {
        guard !overlapsOutage(pull) else { return (.excuse, nil) }
        guard isUp, upCount >= Self.fewestPeers else {
            return (causes.isEmpty ? .count : .excuse, nil)
        }
        held.append(pull)
        heldPeers.insert(pull.index)
        let first = held[0].received
        let isWholeInterval = pull.received - first >= interval
        guard heldPeers.count >= Self.fewestPeers, heldPeers.count >= upCount || isWholeInterval
        else { return (.hold, nil) }
        dropHeld()
        causes[.allPeersFailing] = first
        outage = first..<Instant.distantFuture
        return (.excuse, .suspect(.allPeersFailing))
    }

    /// Whether the oldest held failure has waited for two intervals.
    func hasWaited(at now: Instant, interval: Duration) -> Bool {
        held.first.map { now - $0.received >= interval + interval } ?? false
    }

    /// Removes the held failures and returns those that count against their peers.
    mutating func takeHeld() -> [Observation] {
        defer { dropHeld() }
        return causes.isEmpty ? held : []
    }

    private mutating func dropHeld() { (held, heldPeers) = ([], []) }

    /// Forgets the held failures of a removed peer.
    mutating func remove(_ index: Peer.Index) {
        guard heldPeers.remove(index) != nil else { return }
        held.removeAll { $0.index == index }
    }

    /// Records a response; call `takeHeld` before.
    mutating func responded(at now: Instant, interval: Duration) -> [SelfChange] {
        // A machine that is often late causes at most one change per interval.
        let staysLate = now - lastLate < interval
        if causes[.allPeersFailing] != nil {
            outage = outage.lowerBound..<max(now, outage.lowerBound)
        }
        return Cause.allCases.compactMap { cause in
            guard cause != .late || !staysLate, let since = causes.removeValue(forKey: cause)
            else { return nil }
            return .trusted(cause, after: now - since)
        }
    }

    /// Records that pulls timed out because the loop was late.
    mutating func wasLate(at now: Instant) -> [SelfChange] {
        lastLate = now
        guard causes[.late] == nil else { return [] }
        causes[.late] = now
        return [.suspect(.late)]
    }

    /// The end of a window of `length` at `now`: earlier by the length of an outage in the window,
    /// and the start of the outage while it lasts.
    func endOfWindow(at now: Instant, length: Duration) -> Instant {
        if now < outage.upperBound { return min(now, outage.lowerBound) }
        guard now - outage.upperBound < length else { return now }
        return now - (outage.upperBound - outage.lowerBound)
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
