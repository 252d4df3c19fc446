import Federation
import Logging
import StateStore
import Timing

extension SelfChange {
    /// Records the change as an event, and logs it.
    func record(in record: EventLog, to log: Logger, lateness: Duration) {
        let event = record.record(.suspect, lateness: lateness) { row in
            switch self {
            case .suspect(let cause): (row.reason, row.to) = (cause.rawValue, "suspect")
            case .trusted(let cause, let lasted):
                (row.reason, row.to, row.lasted) = (cause.rawValue, "trusted", lasted.inSeconds)
            }
        }
        switch self {
        case .suspect(let cause):
            log.warning(
                "this node is suspect: failures with this cause do not count against peers",
                metadata: ["cause": "\(cause.rawValue)", "event": "\(event)"]
            )
        case .trusted(let cause, let lasted):
            log.notice(
                "this node is no longer suspect",
                metadata: [
                    "cause": "\(cause.rawValue)", "event": "\(event)",
                    "seconds": "\(Int(lasted.inSeconds.rounded()))",
                ]
            )
        }
    }
}
