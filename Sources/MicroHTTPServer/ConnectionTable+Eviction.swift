extension ConnectionTable {
    /// The connections to close so that new ones find a place: none while enough are free.
    ///
    /// Half of the reserve may be used before it is restored at once, so that the table is walked
    /// rarely. `extra` asks for so many besides. These groups follow each other; within each the
    /// longest idle, or the longest busy, goes first:
    ///
    /// 1. Connections that have sent no request yet: nothing is known to speak for them. The newest
    ///    of them, a sixteenth of all, come only after the next group: a request takes its time to
    ///    arrive, and must find it however many others connect.
    /// 2. Idle ones on which a request was answered; their clients connect again.
    /// 3. Those whose clients send further requests before they take the response, and responses
    ///    that take longer than any should.
    /// 4. Single requests under way: their clients did nothing that a scrape does not do.
    ///
    /// The newest of all, for which the others are closed, is spared as `sparingLast` says, or as
    /// `sparing` names it if the library has it already. Besides
    /// it only those are left over that the library has not begun with, or not closed yet. Both end
    /// within a turn of its threads, so a caller that finds the table full can try again.
    mutating func makeRoom(
        extra: Int = 0,
        sparingLast: Int = 1,
        sparing accepted: CInt? = nil,
        traffic: (CInt) -> Traffic,
        at now: Duration
    ) -> [CInt] {
        let least = max(limits.reserved / 2, 1)
        let wanted = max(free < least ? limits.reserved - free : 0, extra)
        guard wanted > 0 else { return [] }
        let spared = max(Limits.share(of: count), sparingLast)
        var evicted = newcomers.takeFirst(wanted, sparingLast: spared)
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
        at now: Duration
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
        at now: Duration
    ) -> Bool {
        guard let connection = slots[descriptor]?.connection else { return false }
        let activity = connection.activity
        if now - activity.since >= limits.answerGrace { return true }
        return activity.isAnswering && hasPart(connection, of: traffic(descriptor).received)
    }

    /// Those that the library has, the longest first.
    private func inOrder(_ belongs: (OpenConnection.Activity) -> Bool) -> [CInt] {
        var found: [(since: Duration, descriptor: CInt)] = []
        for (descriptor, slot) in slots where slot.owner == .library && !slot.isClosing {
            let activity = slot.connection.activity
            if belongs(activity) { found.append((activity.since, descriptor)) }
        }
        return found.sorted { $0.since < $1.since }.map(\.descriptor)
    }
}

extension OpenConnection.Activity {
    /// Whether it waits for its client.
    ///
    /// The library gets a connection with a request on it, so one that was never served is busy.
    fileprivate var isIdle: Bool { !isAnswering && wasServed }
}
