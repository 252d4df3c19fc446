extension ConnectionTable {
    /// Looks at one connection, about once a second; the cause if it is to be closed.
    mutating func review(
        _ descriptor: CInt,
        traffic: (CInt) -> Traffic,
        at now: Duration
    ) -> ClosingCause? {
        guard var slot = slots[descriptor], !slot.isClosing else { return nil }
        let cause: ClosingCause?
        switch slot.owner {
        case .listener:
            cause = slot.requestBegan.map { overdue(since: $0, at: now) } ?? unused(slot, at: now)
        case .handedOver:
            cause = nil
        case .library:
            let traffic = traffic(descriptor)
            cause = stall(&slot, traffic, at: now) ?? incompleteness(&slot, traffic, at: now)
            update(descriptor, slot)
        }
        if cause != nil { markClosing(descriptor) }
        return cause
    }

    private func overdue(since began: Duration, at now: Duration) -> ClosingCause? {
        now - began >= limits.requestTimeout ? .incomplete : nil
    }

    private func unused(_ slot: Slot, at now: Duration) -> ClosingCause? {
        now - slot.connection.accepted >= limits.firstByteTimeout ? .unused : nil
    }

    /// A response of which nothing was taken for too long.
    ///
    /// Its last bytes count too, which the library has left to the kernel.
    private func stall(
        _ slot: inout Slot,
        _ traffic: Traffic,
        at now: Duration
    ) -> ClosingCause? {
        if !traffic.isSending || traffic.acknowledged != slot.acknowledged {
            slot.acknowledged = traffic.acknowledged
            slot.lastProgress = now
        }
        return now - slot.lastProgress >= limits.stallTimeout ? .stalled : nil
    }

    /// A request on a kept connection that is not complete in time.
    ///
    private func incompleteness(
        _ slot: inout Slot,
        _ traffic: Traffic,
        at now: Duration
    ) -> ClosingCause? {
        let activity = slot.connection.activity
        let complete = slot.connection.completeBytes
        guard !activity.isAnswering, hasPart(slot.connection, of: traffic.received) else {
            slot.requestBegan = nil
            return nil
        }
        if slot.requestBegan == nil || slot.completeBytes != complete {
            slot.completeBytes = complete
            // Not before the first byte, so that no request gets less time than it should.
            slot.requestBegan = max(now - traffic.silence, activity.since)
        }
        return slot.requestBegan.flatMap { overdue(since: $0, at: now) }
    }

    /// Whether more has arrived than complete requests: a part of one that began, or, while one is
    /// answered, of further ones.
    ///
    /// An empty line is no request (RFC 9112, section 2.2), and the library does not report that it
    /// skipped one, so its two bytes do not count. The end of what a client sends is counted as one
    /// byte by the kernel.
    func hasPart(_ connection: OpenConnection, of received: Int) -> Bool {
        received > connection.completeBytes + Self.emptyLineBytes
    }

    private static let emptyLineBytes = 2
}
