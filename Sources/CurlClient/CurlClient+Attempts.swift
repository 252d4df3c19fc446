internal import CCurl

// A GET is tried at most twice: a kept connection that fails it, or is silent for half of its time,
// is replaced by a fresh one. Whatever happens, it is one GET with one deadline and one result.
extension CurlClient {
    /// Takes what libcurl finished.
    func finish(_ transfer: Transfer, _ code: CURLcode, at now: Int64) {
        // Nil if the other attempt has ended the GET in this turn.
        guard let current = transfers[transfer.serial] else { return }
        if current !== transfer {
            finishFirstAttempt(transfer, of: current, code, at: now)
        } else if transfer.lostKeptConnection(code), transfer.secondFailure == nil {
            learn(from: transfer, at: now)
            transfer.restartOnFreshConnection()
            connect(transfer, at: now)
        } else if transfer.canTryNextAddress(after: code, at: now) {
            transfer.noteRefusal()
            connect(transfer, at: now)
        } else {
            learnAddress(from: transfer)
            conclude(transfer, transfer.result(of: code, at: now, lateness: lateness), at: now)
        }
    }

    /// Starts another attempt on a fresh connection, beside one that is silent on a kept one.
    ///
    /// The silent one goes on: a slow peer answers on it, where a second request could not be
    /// answered in what is left of the time.
    func startSecondAttempt(alongside kept: Transfer, at now: Int64) {
        var isSlow = false
        multiplexer.learn(about: kept.request.key) { isSlow = $0.isSlow }
        // A peer that is known to be slow is not asked twice each time.
        guard !isSlow else { return }
        let fresh = pool.take()
        fresh.begin(alongside: kept)
        transfers[kept.serial] = fresh
        connect(fresh, at: now)
    }

    /// Ends a GET that libcurl has not finished, with all its attempts.
    func cancel(_ transfer: Transfer, at now: Int64) {
        multiplexer.cancel(transfer, at: now)
        guard let earlier = transfer.earlier else { return }
        transfer.earlier = nil
        multiplexer.cancel(earlier, at: now)
        pool.giveBack(earlier)
    }

    /// The connection that was silent for half of the time answered after all, or failed.
    private func finishFirstAttempt(
        _ earlier: Transfer,
        of current: Transfer,
        _ code: CURLcode,
        at now: Int64
    ) {
        current.earlier = nil
        // Only a failure of the fresh attempt counts.
        guard earlier.receiver.hasWholeHead, !earlier.receiver.isUnsolicited else {
            return pool.giveBack(earlier)
        }
        multiplexer.cancel(current, at: now)
        pool.giveBack(current)
        transfers[earlier.serial] = earlier
        conclude(earlier, earlier.result(of: code, at: now, lateness: lateness), at: now)
    }

    /// The attempt that stands for its GET has ended.
    private func conclude(_ transfer: Transfer, _ result: FetchResult, at now: Int64) {
        let hasAnswered = transfer.receiver.hasWholeHead
        if let earlier = transfer.earlier {
            if case .failed(let failure) = result.outcome, !hasAnswered {
                // The kept connection may yet answer, and otherwise this is why the GET failed.
                transfer.earlier = nil
                if failure.cause != .internal { earlier.secondFailure = failure }
                transfers[transfer.serial] = earlier
                return pool.giveBack(transfer)
            }
            learn(from: earlier, at: now)
            cancel(transfer, at: now)
        } else if transfer.attempt.isOnKept {
            let isSlow = hasAnswered && now - transfer.started > transfer.request.timeout / 2
            multiplexer.learn(about: transfer.request.key) { $0.isSlow = isSlow }
        }
        end(transfer, result)
    }

    /// Notes after how long a kept connection turned out to be dead.
    private func learn(from transfer: Transfer, at now: Int64) {
        guard case .kept(let idle) = transfer.attempt.connection, idle > 0 else { return }
        multiplexer.learn(about: transfer.request.key) { $0.life.ended(after: idle, at: now) }
    }
}
