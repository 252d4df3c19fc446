internal import Timing

/// What the loop does when connections or file descriptors run short.
extension AcceptLoop {
    mutating func makeRoom(for descriptor: CInt, in limit: DescriptorLimit, at now: Instant) {
        let excess = limit.excess(of: descriptor)
        let evicted = connections.makeRoom(extra: excess, sparing: descriptor, at: now)
        if excess > 0 {
            noteDescriptors(in: limit, at: now)
        } else if evicted > 0 {
            noteConnections(evicted, at: now)
        }
    }

    /// Evicts again and pauses, because the table is full, perhaps of connections that are still
    /// being closed.
    mutating func waitForRoom(at now: Instant) {
        noteConnections(connections.makeRoom(at: now), at: now)
        pause(for: Self.turnoverPause, at: now)
    }

    /// Closes connections and pauses; `accepted` is the connection that was just accepted, if any.
    mutating func pauseForDescriptors(after accepted: CInt? = nil, at now: Instant) {
        reserve.giveUp()
        // The newest connection is spared only until a whole pause has passed without another one.
        let spared = isStuck ? 0 : 1
        let extra = Self.evictedForDescriptors
        _ = connections.makeRoom(extra: extra, sparingLast: spared, sparing: accepted, at: now)
        noteDescriptors(in: DescriptorLimit(), at: now)
        if !isStuck { connections.counts.notePause() }
        isStuck = true
        pause(for: Self.descriptorPause, at: now)
    }

    private mutating func noteConnections(_ evicted: Int, at now: Instant) {
        if connectionShortage.note(evicted, at: now) {
            context.report(.connectionsShort(limit: context.configuration.maxConnections))
        }
    }

    private mutating func noteDescriptors(in limit: DescriptorLimit, at now: Instant) {
        if descriptorShortage.note(at: now) {
            context.report(.descriptorsShort(limit: limit.count))
        }
    }

    private mutating func pause(for duration: Duration, at now: Instant) {
        acceptDue = now + duration
        if let listening = listener?.descriptor { events.change(listening, to: .nothing) }
    }

    mutating func resume() {
        guard acceptDue != nil else { return }
        acceptDue = nil
        if let listening = listener?.descriptor { events.change(listening, to: .data) }
    }

    /// About as long as the library takes to close evicted connections.
    private static let turnoverPause: Duration = .milliseconds(1)
    /// The time between two checks for free descriptors.
    private static let descriptorPause: Duration = .milliseconds(20)
    /// The number of connections that are closed for each such pause.
    private static let evictedForDescriptors = 8
}
