import Federation
import Logging
import Pages
import StateStore

extension LocalState {
    /// Records and logs the changes since the last tick.
    func recordChanges(
        from before: LocalState,
        in events: EventLog,
        to log: Logger,
        lateness: Duration
    ) {
        recordSource(from: before, in: events, to: log, lateness: lateness)
        if context != before.context {
            let (from, to) = (before.context.rawValue, context.rawValue)
            let event = events.record(.context, lateness: lateness) {
                ($0.from, $0.to) = (from, to)
            }
            log.notice(
                "context changed",
                metadata: ["from": "\(from)", "to": "\(to)", "event": "\(event)"]
            )
        }
        recordGovernor(from: before, in: events, to: log, lateness: lateness)
    }

    /// Records a failure when it begins, and again when it has made the numbers stale.
    ///
    /// A change of its cause is not recorded.
    private func recordSource(
        from before: LocalState,
        in events: EventLog,
        to log: Logger,
        lateness: Duration
    ) {
        if let problem, before.problem == nil || (isOld && !before.isOld) {
            let served = metrics == nil ? "no" : "the last good"
            let event = events.record(.sourceFailed, lateness: lateness) { $0.detail = problem }
            log.warning(
                "local source failed; serving \(served) numbers",
                metadata: ["problem": "\(problem)", "event": "\(event)"]
            )
        } else if problem == nil, before.problem != nil {
            let event = events.record(.sourceRecovered, lateness: lateness) {
                $0.detail = before.problem
            }
            log.notice("local source recovered", metadata: ["event": "\(event)"])
        }
    }

    /// A governor that starts unfrozen is not recorded.
    private func recordGovernor(
        from before: LocalState,
        in events: EventLog,
        to log: Logger,
        lateness: Duration
    ) {
        guard let wisdom, wisdom.regimeName != before.lastRegime,
            before.lastRegime != nil || wisdom.isFrozen
        else { return }
        let event = events.record(.regime, lateness: lateness) {
            ($0.from, $0.to) = (before.lastRegime, wisdom.regimeName)
        }
        log.log(
            level: wisdom.isFrozen ? .warning : .notice,
            "governor changed",
            metadata: [
                "from": "\(before.lastRegime ?? "start")", "to": "\(wisdom.regimeName)",
                "event": "\(event)",
                "stability_margin": "\(wisdom.stability.margin)",
                "hopf_distance": "\(wisdom.stability.hopfDistance)",
            ]
        )
    }
}
