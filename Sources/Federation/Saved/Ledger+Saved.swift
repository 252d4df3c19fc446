package import Timing

extension Ledger {
    /// The rows of some peers, without those that were not pulled since a moment of running time;
    /// nil if there are no peers from `first` on.
    ///
    /// Reads the histories in place, because copying one costs as much as its row.
    package func savedRows(
        from first: Peer.Index,
        count: Int,
        pulledSince oldest: Instant?,
        by time: SavedTime
    ) -> [(url: String, row: [UInt8])]? {
        guard first < histories.count else { return nil }
        var rows: [(url: String, row: [UInt8])] = []
        rows.reserveCapacity(count)
        let histories = histories.span
        var row = ByteWriter()
        for index in first..<min(first + count, histories.count) {
            guard let last = histories[index]?.lastPull, oldest.map({ last >= $0 }) ?? true,
                let url = histories[index]?.peer.url
            else { continue }
            row.clear()
            histories[index]?.save(to: &row, by: time)
            rows.append((url, row.bytes))
        }
        return rows
    }

    /// Restores the peers from their rows in the saved state, by URL.
    ///
    /// - Returns: The URLs of damaged rows; these peers start without history.
    package mutating func restore(_ rows: [String: [UInt8]], by time: SavedTime) -> [String] {
        var damaged: [String] = []
        for index in histories.indices {
            guard let url = histories[index]?.peer.url, let row = rows[url] else { continue }
            do throws(SavedRowFault) {
                try histories[index]?.restore(row, by: time, window: window)
            } catch {
                damaged.append(url)
                continue
            }
            moveClaim(of: index, from: nil, to: histories[index]?.answer?.nodeID)
            lastRecord = max(lastRecord, histories[index]?.lastPull ?? lastRecord)
        }
        recountUp()
        return damaged
    }
}
