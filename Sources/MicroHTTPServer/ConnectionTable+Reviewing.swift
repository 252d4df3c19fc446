internal import Timing

extension ConnectionTable {
    /// Checks one connection, about once a second; the cause if it must be closed.
    mutating func review(
        _ descriptor: CInt,
        traffic: (CInt) -> Traffic,
        at now: Instant
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
            slots[descriptor] = slot
        }
        if cause != nil { markClosing(descriptor) }
        return cause
    }

    private func overdue(since began: Instant, at now: Instant) -> ClosingCause? {
        now - began >= min(limits.requestTimeout, limits.idleTimeout) ? .incomplete : nil
    }

    private func unused(_ slot: Slot, at now: Instant) -> ClosingCause? {
        let age = now - slot.connection.accepted
        return age >= min(limits.firstByteTimeout, limits.idleTimeout) ? .unused : nil
    }

    /// The client has acknowledged no part of a response for too long.
    ///
    /// This includes its last bytes, which only the kernel still has.
    private func stall(_ slot: inout Slot, _ traffic: Traffic, at now: Instant) -> ClosingCause? {
        if !traffic.isSending || traffic.acknowledged != slot.acknowledged {
            slot.acknowledged = traffic.acknowledged
            slot.lastProgress = now
        }
        return now - slot.lastProgress >= limits.stallTimeout ? .stalled : nil
    }

    /// A request on a kept connection that is not complete in time.
    private func incompleteness(
        _ slot: inout Slot,
        _ traffic: Traffic,
        at now: Instant
    ) -> ClosingCause? {
        let activity = slot.connection.activity
        let complete = slot.connection.completeBytes
        guard !activity.isAnswering, hasPart(slot.connection, of: traffic.received) else {
            slot.requestBegan = nil
            return nil
        }
        if slot.requestBegan == nil || slot.completeBytes != complete {
            slot.completeBytes = complete
            // Not before the first byte, so that each request gets its full time.
            slot.requestBegan = max(now - traffic.silence, activity.since)
        }
        return slot.requestBegan.flatMap { overdue(since: $0, at: now) }
    }

    /// Whether more than complete requests has arrived: a part of the next one, or further ones
    /// while one is answered.
    ///
    /// Two bytes do not count: the library skips an empty line before a request (RFC 9112, section
    /// 2.2) without reporting it. The kernel counts the client's FIN as one byte.
    func hasPart(_ connection: OpenConnection, of received: Int) -> Bool {
        received > connection.completeBytes + Self.emptyLineBytes
    }

    private static let emptyLineBytes = 2
}
