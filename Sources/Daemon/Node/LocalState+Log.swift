import Federation
import Logging

extension LocalState {
    /// Writes what changed since the last tick, each change once.
    func tell(changesFrom before: LocalState, to log: Logger) {
        if problem != before.problem {
            if let problem {
                log.warning(
                    "local source is in trouble; the last good numbers are served",
                    metadata: ["problem": "\(problem)"]
                )
            } else {
                log.notice("local source is well again")
            }
        }
        if context != before.context {
            log.notice(
                "context changed",
                metadata: ["from": "\(before.context.rawValue)", "to": "\(context.rawValue)"]
            )
        }
        if let wisdom, let last = before.wisdom, wisdom.state != last.state {
            log.log(
                level: wisdom.isFrozen ? .warning : .notice,
                "governor changed",
                metadata: [
                    "from": "\(last.state)", "to": "\(wisdom.state)",
                    "stability_margin": "\(wisdom.stability.margin)",
                    "hopf_distance": "\(wisdom.stability.hopfDistance)",
                ]
            )
        }
    }
}

extension Wisdom {
    /// The regime in a word, or that the governor is frozen.
    var state: String {
        isFrozen ? "frozen" : regime.rawValue
    }
}
