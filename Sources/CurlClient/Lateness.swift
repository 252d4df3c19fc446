/// Notices that the loop was held up: a stopped process, a starved machine, too much work at once.
///
/// While it was, answers may have lain in the kernel unread, so a GET that timed out then says
/// nothing about the other side.
struct Lateness {
    private var lastLook: Int64
    /// When it was last noticed.
    private var noticed: Int64 = .min

    init(at now: Int64) {
        lastLook = now
    }

    /// Compares how long it is since the last look with how long it was meant to be.
    mutating func look(at now: Int64, allowing pause: Int64 = 0) {
        if now - lastLook > pause.addingReportingOverflow(Limits.toleratedLateness).partialValue {
            noticed = now
        }
        lastLook = now
    }

    /// Starts anew, where being late has held nothing up.
    mutating func forgive(at now: Int64) {
        lastLook = now
    }

    /// Whether the loop was held up since `start`.
    func occurred(since start: Int64) -> Bool {
        noticed > start
    }
}
