internal import CCurl
internal import Timing

// Deadlines that the loop enforces itself: libcurl does not look up names, and may be late.
extension CurlClient {
    /// Ends fetches that are past their deadline, and attempts that are past their share of it.
    ///
    /// Starts a second attempt where a kept connection has been silent for half of the timeout.
    func enforceDeadlines(at now: Instant) {
        while let serial = deadlines.takeDue(at: now) {
            guard let transfer = transfers[serial] else { continue }
            if now < transfer.deadline {
                guard transfer.isAttemptOver(at: now) else { continue }
                multiplexer.cancel(transfer, at: now)
                connect(transfer, at: now)
            } else if case .running = transfer.state {
                let latest = transfer.deadline + LoopTiming.graceAfterDeadline
                guard latest <= now else {
                    deadlines.insert(serial, at: latest)
                    continue
                }
                cancel(transfer, at: now)
                let result = transfer.result(of: CURLE_OPERATION_TIMEDOUT, at: now, lateness)
                finish(transfer, result)
            } else {
                names.stopWaiting(serial, for: transfer.request.name)
                let wasLate = lateness.mayExplainTimeout(of: transfer)
                let detail = "the name lookup did not finish in time"
                let cause = FetchFailure.Cause.timedOut(loopWasLate: wasLate)
                finish(transfer, transfer.lookupFailed(cause, detail, at: now))
            }
        }
        // These do not shorten a wait: the heartbeat is frequent enough.
        while let serial = halves.takeDue(at: now) {
            guard let transfer = transfers[serial], transfer.isSilentOnKept else { continue }
            startSecondAttempt(alongside: transfer, at: now)
        }
    }
}
