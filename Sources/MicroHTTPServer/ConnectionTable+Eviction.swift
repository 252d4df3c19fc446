internal import Timing

extension ConnectionTable {
    /// The connections to close so that new ones have a place; none while enough are free.
    ///
    /// Half of the reserve may be used before all of it is restored, so that the table is searched
    /// rarely. At least `extra` are closed. The order is:
    ///
    /// 1. Connections without a request, except the newest sixteenth of all connections. Those come
    ///    after the next group: a request takes time to arrive, and its connection must still be
    ///    open then, however many others connect.
    ///    Over TLS, connections in a handshake or without a request come next, except young ones.
    /// 2. Idle connections on which a request was answered; their clients connect again.
    /// 3. Connections whose clients send further requests before they read the response, and
    ///    responses that take longer than `answerGrace`.
    /// 4. Other requests in progress, because their clients behave like a scrape.
    ///
    /// Within each group the longest idle, or the longest busy, goes first.
    ///
    /// The newest connection, for which the others are closed, is spared: the last `sparingLast`
    /// without a request, and `sparing`, which the library may have already. All others are closed
    /// if needed, except those that the library has not started or not closed yet. Both take at
    /// most one of its loop iterations, so a caller that finds the table full can try again.
    mutating func makeRoom(
        extra: Int = 0,
        sparingLast: Int = 1,
        sparing accepted: CInt? = nil,
        traffic: (CInt) -> Traffic,
        at now: Instant
    ) -> [CInt] {
        let wanted = max(free < max(reserve / 2, 1) ? reserve - free : 0, extra)
        guard wanted > 0 else { return [] }
        let spared = max(Self.sixteenth(of: count), sparingLast)
        var evicted = newcomers.takeFirst(wanted, sparingLast: spared)
        if evicted.count < wanted, limits.minimumTLS != nil {
            let old = inOrder { $0.isShakingHands && now - $0.since >= Self.handshakeGrace }
                .prefix(wanted - evicted.count)
            evicted += old
            // They are busy too, and must not be chosen twice.
            for descriptor in old { markClosing(descriptor) }
        }
        if evicted.count < wanted {
            evicted += inOrder { $0.isIdle }.prefix(wanted - evicted.count)
        }
        if evicted.count < wanted {
            evicted += newcomers.takeFirst(wanted - evicted.count, sparingLast: sparingLast)
        }
        if evicted.count < wanted {
            evicted += busy(wanted - evicted.count, sparing: accepted, traffic: traffic, at: now)
        }
        for descriptor in evicted { markClosing(descriptor) }
        return evicted
    }

    private func busy(
        _ wanted: Int,
        sparing spared: CInt?,
        traffic: (CInt) -> Traffic,
        at now: Instant
    ) -> ArraySlice<CInt> {
        var crowding: [CInt] = []
        var single: [CInt] = []
        for descriptor in inOrder({ !$0.isIdle }) where descriptor != spared {
            if crowding.count == wanted { break }
            if isCrowding(descriptor, traffic: traffic, at: now) {
                crowding.append(descriptor)
            } else {
                single.append(descriptor)
            }
        }
        return (crowding + single).prefix(wanted)
    }

    private func isCrowding(
        _ descriptor: CInt,
        traffic: (CInt) -> Traffic,
        at now: Instant
    ) -> Bool {
        guard let connection = slots[descriptor]?.connection else { return false }
        let activity = connection.activity
        if now - activity.since >= Self.answerGrace { return true }
        return activity.isAnswering && hasPart(connection, of: traffic(descriptor).received)
    }

    /// The connections of the library with a matching activity, the longest first.
    private func inOrder(_ matches: (OpenConnection.Activity) -> Bool) -> [CInt] {
        var found: [(since: Instant, descriptor: CInt)] = []
        for (descriptor, slot) in slots where slot.owner == .library && !slot.isClosing {
            let activity = slot.connection.activity
            if matches(activity) { found.append((activity.since, descriptor)) }
        }
        return found.sorted { $0.since < $1.since }.map(\.descriptor)
    }

    /// A handshake and the first request usually arrive within this time.
    private static let handshakeGrace: Duration = .seconds(2)
    /// A response that takes longer is evicted before other responses.
    private static let answerGrace: Duration = .seconds(10)
}

extension OpenConnection.Activity {
    /// Whether it waits for its client.
    ///
    /// The library gets a connection together with a request, so one never served is busy.
    fileprivate var isIdle: Bool { !isAnswering && wasServed }

    /// Whether its first request has not arrived; without TLS only for a moment.
    fileprivate var isShakingHands: Bool { !isAnswering && !wasServed }
}
