extension Ledger {
    /// Takes over what the saved state contains of the peers, by URL.
    ///
    /// - Returns: The URLs whose rows are damaged; nothing is known of those peers.
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
