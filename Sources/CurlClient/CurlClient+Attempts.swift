internal import CCurl
internal import Timing

// A fetch has at most two attempts. The second starts on a fresh connection if a kept connection
// fails, or stays silent for half of the timeout. Both share one deadline and one result.
extension CurlClient {
    /// Starts an attempt on the next addresses of the transfer.
    func connect(_ transfer: Transfer, at now: Instant) {
        multiplexer.add(transfer, at: now)
        if let end = transfer.plan.attemptEnd { deadlines.insert(transfer.serial, at: end) }
    }

    /// Handles a transfer that libcurl finished: retries it, or ends its fetch.
    func handleEnd(of transfer: Transfer, _ code: CURLcode, at now: Instant) {
        // Nil if the other attempt ended the fetch in this loop iteration.
        guard let current = transfers[transfer.serial] else { return }
        if current !== transfer {
            handleFirstEnd(of: transfer, beside: current, code, at: now)
        } else if transfer.lostKeptConnection(code), transfer.secondFailure == nil {
            noteDeadConnection(of: transfer, at: now)
            transfer.restartOnFreshConnection()
            connect(transfer, at: now)
        } else if transfer.canTryNextAddress(after: code, at: now) {
            transfer.noteRefusal()
            connect(transfer, at: now)
        } else {
            // Otherwise each new connection would first try the address that failed.
            if let name = transfer.request.name, let address = transfer.betterAddress {
                names.prefer(address, for: name)
            }
            handleCurrentEnd(of: transfer, code, at: now)
        }
    }

    /// Starts a second attempt on a fresh connection while the kept connection is silent.
    ///
    /// The first attempt continues: a slow server may answer it in time, but not a second request
    /// that starts this late.
    func startSecondAttempt(alongside kept: Transfer, at now: Instant) {
        // A server that is known to be slow gets one request, not two each time.
        let key = kept.request.key
        guard multiplexer.shard(of: key)?[key].isSlow != true else { return }
        let fresh = pool.take()
        fresh.begin(alongside: kept)
        transfers[kept.serial] = fresh
        connect(fresh, at: now)
    }

    /// Cancels both attempts of a fetch that libcurl has not finished.
    func cancel(_ transfer: Transfer, at now: Instant) {
        multiplexer.cancel(transfer, at: now)
        guard let first = transfer.firstAttempt else { return }
        transfer.firstAttempt = nil
        multiplexer.cancel(first, at: now)
        pool.giveBack(first)
    }

    /// Handles the end of the first attempt while the second is in flight.
    private func handleFirstEnd(
        of first: Transfer,
        beside current: Transfer,
        _ code: CURLcode,
        at now: Instant
    ) {
        current.firstAttempt = nil
        // Only a failure of the fresh attempt counts.
        guard first.receiver.head.isComplete, !first.receiver.isUnsolicited else {
            return pool.giveBack(first)
        }
        multiplexer.cancel(current, at: now)
        pool.giveBack(current)
        transfers[first.serial] = first
        handleCurrentEnd(of: first, code, at: now)
    }

    /// Handles the end of the current attempt, which ends its fetch unless the first continues.
    private func handleCurrentEnd(of transfer: Transfer, _ code: CURLcode, at now: Instant) {
        let result = transfer.result(of: code, at: now, lateness)
        let hasAnswered = transfer.receiver.head.isComplete
        if let first = transfer.firstAttempt {
            if case .failed(let failure) = result.outcome, !hasAnswered {
                // The first attempt may still succeed. If it does not, this failure is the result.
                transfer.firstAttempt = nil
                if failure.cause != .internal { first.secondFailure = failure }
                transfers[transfer.serial] = first
                return pool.giveBack(transfer)
            }
            noteDeadConnection(of: first, at: now)
            cancel(transfer, at: now)
        } else if transfer.attempt.isOnKept {
            let (key, half) = (transfer.request.key, transfer.request.timeout.divided(by: 2))
            let isSlow = hasAnswered && now - transfer.started > half
            multiplexer.shard(of: key)?[key].isSlow = isSlow
        }
        finish(transfer, result)
    }

    /// Records the idle time of a kept connection that turned out to be dead.
    private func noteDeadConnection(of transfer: Transfer, at now: Instant) {
        guard case .kept(let idle?) = transfer.attempt.connection, idle > .zero else { return }
        let key = transfer.request.key
        multiplexer.shard(of: key)?[key].lifetime.ended(after: idle, at: now)
    }
}
