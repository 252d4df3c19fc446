package import Timing

/// Decides which changes of a peer's state are recorded one by one.
///
/// A peer whose state changes more than `limit` times within an hour is flapping: its changes are
/// only counted, until there was none for `calm`. Then the last change is recorded, so that the
/// events end with the current state.
///
///     steady ──more than limit changes in an hour──▶ flapping ──no change for calm──▶ steady
///
/// `Change` is what the caller needs to record a change later. Times are of the monotonic clock.
package struct FlapFilter<Change: Sendable>: Sendable {
    /// The changes within `span` that are recorded one by one.
    package static var limit: Int { 20 }
    package static var span: Duration { .seconds(3_600) }
    package static var calm: Duration { .seconds(600) }

    /// What to do with a change.
    package enum Decision: Hashable, Sendable {
        case record
        /// Records that the peer is flapping, with the changes so far.
        case recordFlapping(count: Int)
        /// The change is counted, and kept if it is the last one.
        case count
    }

    /// A peer that stopped flapping.
    package struct Settled: Sendable {
        package var url: String
        package var count: Int
        /// From the first counted change to the last.
        package var lasted: Duration
        package var lastChange: Change
    }

    private struct Flapping {
        var count: Int
        var since: Instant
        var last: Change
    }

    /// The latest changes of each peer by URL, oldest first; at most one more than `limit`.
    ///
    /// Peers without a change within `span` have no entry.
    private var recent: [String: [Instant]] = [:]
    /// By URL, in a separate table, because each peer has an entry in `recent` after startup.
    private var flapping: [String: Flapping] = [:]

    package init() {}

    /// Records a change of a peer; times must not decrease.
    package mutating func add(_ change: Change, of url: String, at now: Instant) -> Decision {
        var changes = recent.removeValue(forKey: url) ?? []
        changes.removeAll { now - $0 >= Self.span }
        changes.append(now)
        if changes.count > Self.limit + 1 { changes.removeFirst() }
        recent[url] = changes
        if flapping[url] != nil {
            flapping[url]?.count += 1
            flapping[url]?.last = change
            return .count
        }
        guard changes.count > Self.limit, let since = changes.first else { return .record }
        flapping[url] = Flapping(count: changes.count, since: since, last: change)
        return .recordFlapping(count: changes.count)
    }

    /// The changes of the peers that are flapping, by URL.
    package var counts: [String: Int] {
        flapping.mapValues(\.count)
    }

    /// Removes and returns the flapping peers that had no change for `calm`.
    package mutating func takeSettled(at now: Instant, calm: Duration = calm) -> [Settled] {
        var settled: [Settled] = []
        for (url, changes) in recent {
            guard let last = changes.last, now - last >= calm else { continue }
            if let flapping = flapping.removeValue(forKey: url) {
                settled.append(
                    Settled(
                        url: url,
                        count: flapping.count,
                        lasted: last - flapping.since,
                        lastChange: flapping.last
                    )
                )
                // The changes so far are recorded, so counting starts over.
                recent[url] = nil
            } else if now - last >= Self.span {
                recent[url] = nil
            }
        }
        return settled.sorted { $0.url < $1.url }
    }
}
