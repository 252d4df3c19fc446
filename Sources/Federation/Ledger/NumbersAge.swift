internal import Timing

/// The `ts` of a peer's numbers, and since when it has not changed.
///
/// A node renews its numbers, with a new `ts`, at least once a minute. A peer that keeps answering
/// with the same `ts` has old numbers: it is stale, and not live. Ages are in this node's running
/// time, so an error of the peer's clock has no effect.
struct NumbersAge: Hashable, Sendable {
    /// Unix seconds by the peer's clock, only compared for equality; NaN after the node id changed.
    var ts: Double
    /// When a pull first returned this `ts`.
    var since: Instant
    /// When a pull first found the numbers stale; nil if they are not.
    var staleSince: Instant?
}

extension PeerHistory {
    /// Whether the latest answer had stale numbers.
    var isStale: Bool { numbers?.staleSince != nil }

    /// Updates the age of the numbers after a pull; does nothing unless it brought the latest
    /// answer, at `received`.
    ///
    /// - Returns: The change to report, if any.
    mutating func updateNumbersAge(
        at received: Instant,
        staleFrom limit: Duration
    ) -> PeerChange.Event? {
        guard answer?.received == received else { return nil }
        let before = numbers
        numbers = numbersAge(at: received, staleFrom: limit)
        switch (before?.staleSince, numbers?.staleSince) {
        case (nil, _?): return numbers.map { .stale(age: received - $0.since) }
        case (let start?, nil): return .fresh(after: received - start)
        default: return nil
        }
    }

    /// The age of the numbers in the answer at `received`; nil if it did not come from another
    /// node.
    ///
    /// They are stale from `limit` on. A time without answers counts too, because the numbers did
    /// not change meanwhile.
    private func numbersAge(at received: Instant, staleFrom limit: Duration) -> NumbersAge? {
        guard answer?.origin == .other, let ts = lastGood?.sample.ts else { return nil }
        var current = NumbersAge(ts: ts, since: received)
        if let numbers, numbers.ts == ts { current.since = numbers.since }
        if received - current.since >= limit {
            current.staleSince = numbers?.staleSince ?? received
        }
        return current
    }
}
