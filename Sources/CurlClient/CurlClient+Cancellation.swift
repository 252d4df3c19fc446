// What the caller may change between two calls of `collect`.
extension CurlClient {
    /// Ends the wait in `collect`, or else that of the next call.
    package func interrupt() {
        isInterrupted = true
    }

    /// Bounds the GETs that start from now on; those under way keep the bounds they have.
    package func setLimits(_ limits: FetchLimits) {
        multiplexer.keptConnections = limits.keptConnections
        var limits = limits
        limits.keptConnections = pool.limits.keptConnections  // no transfer is made by it
        limits.caFile = pool.limits.caFile  // the copy that was made at the start stays
        if limits != pool.limits { pool.limits = limits }
    }

    /// Cuts off the GETs with these keys, which then do not come back; no other key needs `names`.
    package func cancel(_ keys: Set<Int>, names given: Set<String>) {
        let now = Self.now()
        for transfer in transfers.values where keys.contains(transfer.request.key) {
            cancel(transfer, at: now)
            names.stopWaiting(transfer.serial, for: transfer.request.name)
            transfers[transfer.serial] = nil
            pool.giveBack(transfer)
        }
        ended.removeAll { keys.contains($0.key) }
        for key in keys { multiplexer.cancel(key) }
        for name in given { names.forget(name) }
    }
}
