/// What the loop does when connections or file descriptors run short.
extension AcceptLoop {
    mutating func makeRoom(
        for descriptor: CInt,
        in limit: DescriptorLimit,
        at now: Duration
    ) {
        let excess = limit.excess(of: descriptor)
        let evicted = connections.makeRoom(extra: excess, sparing: descriptor, at: now)
        if excess > 0 {
            noteDescriptors(in: limit, at: now)
        } else if evicted > 0 {
            noteConnections(evicted, at: now)
        }
    }

    /// All places are taken, some perhaps by connections that the library has not closed yet.
    ///
    /// No connection may have been evictable at the last accept, so eviction is tried again.
    mutating func waitForRoom(at now: Duration) {
        noteConnections(connections.makeRoom(at: now), at: now)
        pause(for: Self.turnoverPause, at: now)
    }

    /// `accepted` is the connection that was just accepted, if any.
    mutating func pauseForDescriptors(after accepted: CInt? = nil, at now: Duration) {
        reserve.giveUp()
        // The last to come had its time if nobody came after it.
        let extra = Self.evictedForDescriptors
        let sparedLast = isStuck ? 0 : 1
        _ = connections.makeRoom(
            extra: extra,
            sparingLast: sparedLast,
            sparing: accepted,
            at: now
        )
        noteDescriptors(in: DescriptorLimit(), at: now)
        if !isStuck { counts.notePause() }
        isStuck = true
        pause(for: Self.descriptorPause, at: now)
    }

    private mutating func noteConnections(_ evicted: Int, at now: Duration) {
        if connectionShortage.note(evicted, at: now) {
            report(.connectionsShort(limit: configuration.maxConnections))
        }
    }

    mutating func noteDescriptors(in limit: DescriptorLimit, at now: Duration) {
        if descriptorShortage.note(at: now) { report(.descriptorsShort(limit: limit.count)) }
    }

    mutating func pause(for duration: Duration, at now: Duration) {
        acceptDue = now + duration
        if let listening = listener?.descriptor { events.change(listening, to: .nothing) }
    }

    mutating func resume() {
        guard acceptDue != nil else { return }
        acceptDue = nil
        if let listening = listener?.descriptor { events.change(listening, to: .data) }
    }

    /// About as long as the library takes to close what was evicted.
    static let turnoverPause: Duration = .milliseconds(1)
    /// Between two looks whether there are descriptors again.
    static let descriptorPause: Duration = .milliseconds(20)
    /// Idle connections that are closed for each such pause.
    static let evictedForDescriptors = 8
}
