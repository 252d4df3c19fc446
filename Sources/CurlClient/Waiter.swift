/// Who waits in `exchange`, and until when.
struct Waiter {
    /// Tells this wait from an earlier one, whose cancellation may come late.
    var number: Int
    var continuation: CheckedContinuation<Void, Never>
    var until: Int64
}
