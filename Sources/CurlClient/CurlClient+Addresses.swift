internal import Timing

// The way from a host's addresses to a connection.
extension CurlClient {
    /// Connects a transfer to the addresses in `answer`; nil if the URL contains an address.
    func connect(_ transfer: Transfer, to answer: NameTable.Answer?, at now: Instant) {
        transfer.setAddresses(answer, at: now)
        connect(transfer, at: now)
    }

    func connect(_ transfer: Transfer, at now: Instant) {
        multiplexer.add(transfer, at: now)
        if let end = transfer.plan.attemptEnd { deadlines.insert(transfer.serial, at: end) }
    }

    /// Starts the next attempt if this one has not connected within its share of the timeout.
    func endAttempt(of transfer: Transfer, at now: Instant) {
        guard transfer.isAttemptOver(at: now) else { return }
        multiplexer.cancel(transfer, at: now)
        connect(transfer, at: now)
    }

    /// Prefers the address that a transfer connected to after another address had failed.
    func learnAddress(from transfer: Transfer) {
        guard let name = transfer.request.name, let address = transfer.betterAddress else { return }
        names.prefer(address, for: name)
    }
}
