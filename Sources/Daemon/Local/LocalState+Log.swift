import Federation
import Logging
import Pages

extension LocalState {
    /// Writes what changed since the last tick, each change once.
    func tell(changesFrom before: LocalState, to log: Logger) {
        tellOfSource(changedFrom: before, to: log)
        if context != before.context {
            log.notice(
                "context changed",
                metadata: ["from": "\(before.context.rawValue)", "to": "\(context.rawValue)"]
            )
        }
        tellOfGovernor(changedFrom: before, to: log)
    }

    /// Trouble is told when it begins and once more when the numbers grow old for it; a source that
    /// fails now in this way and now in that is in one trouble.
    private func tellOfSource(changedFrom before: LocalState, to log: Logger) {
        if let problem, before.problem == nil || (isOld && !before.isOld) {
            let served = metrics == nil ? "no" : "the last good"
            log.warning(
                "local source is in trouble; \(served) numbers are served",
                metadata: ["problem": "\(problem)"]
            )
        } else if problem == nil, before.problem != nil {
            log.notice("local source is well again")
        }
    }

    /// That a governor is steering from the start goes without saying; that it is frozen does not.
    private func tellOfGovernor(changedFrom before: LocalState, to log: Logger) {
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
