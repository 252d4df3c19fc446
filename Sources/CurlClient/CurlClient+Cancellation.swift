internal import Timing

// Calls of the user between two calls of `collect`.
extension CurlClient {
    /// Ends the current wait in `collect`, or the next one if there is none.
    package func interrupt() {
        isInterrupted = true
    }

    /// Sets the limits of fetches that start from now on; those in flight keep theirs.
    ///
    /// If authorities, certificate or TLS version changed, TLS connections that are in use are
    /// closed after their fetch, and the others at once.
    package func setLimits(_ limits: FetchLimits) {
        multiplexer.keptConnections = limits.keptConnections
        var limits = limits
        limits.keptConnections = pool.limits.keptConnections  // no option of a transfer
        guard limits != pool.limits else { return }
        pool.limits = limits
        multiplexer.setTLSGeneration(pool.generation.tls)
    }

    /// Cancels the fetches with these keys, which then have no result, closes their connections and
    /// forgets the addresses of `names`.
    ///
    /// No other key may use these names.
    package func cancel(_ keys: Set<Int>, names given: Set<String>) {
        let now = SystemClock.now
        for transfer in transfers.values where keys.contains(transfer.request.key) {
            cancel(transfer, at: now)
            names.stopWaiting(transfer.serial, for: transfer.request.name)
            transfers[transfer.serial] = nil
            pool.giveBack(transfer)
        }
        results.removeAll { keys.contains($0.key) }
        for key in keys { multiplexer.removeKey(key) }
        for name in given { names.forget(name) }
    }
}
