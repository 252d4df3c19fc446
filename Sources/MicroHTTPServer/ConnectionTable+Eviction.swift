extension ConnectionTable {
    /// The connections to close so that new ones find a place: none while enough are free.
    ///
    /// Half of the reserve may be used before it is restored at once, so that the table is walked
    /// rarely. `extra` asks for so many besides. The longest idle come first, of these groups:
    ///
    /// 1. Connections that have sent no request yet: nothing is known to speak for them. The newest
    ///    of them, a sixteenth of all, come only after the next group: a request takes its time to
    ///    arrive, and must find it however many others connect.
    /// 2. Idle ones of which a request was answered; their clients connect again.
    /// 3. Responses that take longer than any should.
    ///
    /// The newest of all, for which the others are closed, is spared as `sparingLast` says.
    mutating func makeRoom(extra: Int = 0, sparingLast: Int = 1, at now: Duration) -> [CInt] {
        let least = max(limits.reserved / 2, 1)
        let wanted = max(free < least ? limits.reserved - free : 0, extra)
        guard wanted > 0 else { return [] }
        let spared = max(Limits.share(of: count), sparingLast)
        var evicted = newcomers.takeFirst(wanted, sparingLast: spared)
        if evicted.count < wanted {
            evicted += idle(at: now).prefix(wanted - evicted.count)
        }
        if evicted.count < wanted {
            evicted += newcomers.takeFirst(wanted - evicted.count, sparingLast: sparingLast)
        }
        if evicted.count < wanted {
            evicted += slow(at: now).prefix(wanted - evicted.count)
        }
        for descriptor in evicted { markClosing(descriptor) }
        return evicted
    }

    private func idle(at now: Duration) -> [CInt] {
        inOrder { $0.isAnswering ? nil : $0.since }
    }

    private func slow(at now: Duration) -> [CInt] {
        inOrder { $0.isAnswering && now - $0.since >= limits.answerGrace ? $0.since : nil }
    }

    /// Those that the library has, by a time that may be nil for none.
    private func inOrder(_ time: (OpenConnection.Activity) -> Duration?) -> [CInt] {
        var found: [(since: Duration, descriptor: CInt)] = []
        for (descriptor, slot) in slots where slot.owner == .library && !slot.isClosing {
            if let since = time(slot.connection.activity) { found.append((since, descriptor)) }
        }
        return found.sorted { $0.since < $1.since }.map(\.descriptor)
    }
}
