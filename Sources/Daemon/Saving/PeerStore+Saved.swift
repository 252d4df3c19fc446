import Federation
import PeerSync
import StateStore
import Timing

extension PeerStore {
    /// The rows that are made while the pull loop waits.
    private static let rowsAtOnce = 64

    /// Calls `put` with the URL and the row of each peer that was pulled since a moment of running
    /// time.
    nonisolated func saveRows(
        pulledSince oldest: Instant?,
        time: SystemTime,
        _ put: (String, [UInt8]) throws(StoreFault) -> Void
    ) throws(StoreFault) {
        var first = 0
        while true {
            let rows = read { ledger in
                ledger.savedRows(
                    from: first,
                    count: Self.rowsAtOnce,
                    pulledSince: oldest,
                    by: ledger.clock(time)
                )
            }
            guard let rows else { return }
            for (url, row) in rows { try put(url, row) }
            first += Self.rowsAtOnce
        }
    }
}

extension Ledger {
    /// The times of the saved state, as of this moment.
    func clock(_ time: SystemTime) -> SavedTime {
        SavedTime(now: running[time.now], wall: time.wallNow)
    }
}
