// From the address of a host to a connection.
extension CurlClient {
    /// Goes on with a GET whose host is known: nil if it is an address.
    func locate(_ transfer: Transfer, _ answer: NameTable.Answer?, at now: Int64) {
        transfer.locate(answer, at: now)
        connect(transfer, at: now)
    }

    /// Hands a GET to libcurl, with the next of its addresses.
    func connect(_ transfer: Transfer, at now: Int64) {
        multiplexer.add(transfer, at: now)
        if let end = transfer.plan.attemptEnd { deadlines.insert(transfer.serial, at: end) }
    }

    /// Goes on to the next address if the time of this one is up and it was not connected to.
    func endAttempt(of transfer: Transfer, at now: Int64) {
        guard transfer.isAttemptOver(at: now) else { return }
        multiplexer.cancel(transfer, at: now)
        connect(transfer, at: now)
    }

    /// Takes note of the address that a GET of a name came to.
    func learnAddress(from transfer: Transfer) {
        guard let name = transfer.request.name, let address = transfer.betterAddress else { return }
        names.prefer(address, for: name)
    }
}
