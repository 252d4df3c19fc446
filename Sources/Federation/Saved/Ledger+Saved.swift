extension Ledger {
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
        return damaged
    }
}
