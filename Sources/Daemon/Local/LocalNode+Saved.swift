import Federation
import Logging
import Pages

extension LocalNode {
    /// The row of this node in the saved state: the regime recorded last, and the governor.
    func saved(by time: SavedTime) -> [UInt8] {
        var row = ByteWriter()
        row.put(latest.lastRegime ?? "")
        return row.bytes + governor.saved(by: time)
    }
}

extension Governor {
    /// Restores the governor from the saved state, and returns the regime recorded last.
    mutating func restore(_ saved: SavedState, log: Logger) -> String? {
        guard let bytes = saved.values[SavedState.local] else { return nil }
        do throws(SavedRowFault) {
            var row = ByteReader(bytes)
            let regime = try row.string()
            try restore(row.remaining, by: saved.time)
            return regime.isEmpty ? nil : regime
        } catch {
            log.warning("the saved state of the governor is damaged; it starts with its defaults")
            return nil
        }
    }
}
