import Federation
import Logging
import Pages

extension LocalState {
    /// Logs the changes since the last tick.
    func logChanges(from before: LocalState, to log: Logger) {
        logSource(from: before, to: log)
        if context != before.context {
            log.notice(
                "context changed",
                metadata: ["from": "\(before.context.rawValue)", "to": "\(context.rawValue)"]
            )
        }
        logGovernor(from: before, to: log)
    }

    /// Logs a failure when it begins, and again when it has made the numbers stale.
    ///
    /// A change of its cause is not logged.
    private func logSource(from before: LocalState, to log: Logger) {
        if let problem, before.problem == nil || (isOld && !before.isOld) {
            let served = metrics == nil ? "no" : "the last good"
            log.warning(
                "local source failed; serving \(served) numbers",
                metadata: ["problem": "\(problem)"]
            )
        } else if problem == nil, before.problem != nil {
            log.notice("local source recovered")
        }
    }

    /// A governor that starts unfrozen is not logged.
    private func logGovernor(from before: LocalState, to log: Logger) {
        guard let wisdom, wisdom.regimeName != before.wisdom?.regimeName,
            before.wisdom != nil || wisdom.isFrozen
        else { return }
        log.log(
            level: wisdom.isFrozen ? .warning : .notice,
            "governor changed",
            metadata: [
                "from": "\(before.wisdom?.regimeName ?? "start")", "to": "\(wisdom.regimeName)",
                "stability_margin": "\(wisdom.stability.margin)",
                "hopf_distance": "\(wisdom.stability.hopfDistance)",
            ]
        )
    }
}
