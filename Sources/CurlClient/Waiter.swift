/// Who waits in `exchange`, and until when.
struct Waiter {
    /// Tells this wait from an earlier one, whose cancellation may come late.
    var number: Int
    var continuation: CheckedContinuation<Void, Never>
    var until: Int64
    /// For how long what ended first waits for company, in nanoseconds.
    var gathering: Int64

    /// When the wait is over, if `firstEnd` is when the first GET ended that was not handed over.
    func end(after firstEnd: Int64?) -> Int64 {
        firstEnd.map { min(until, $0 + gathering) } ?? until
    }
}
