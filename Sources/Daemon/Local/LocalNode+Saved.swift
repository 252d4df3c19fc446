import Federation
import Logging
import Pages

extension LocalNode {
    /// The row of what a restart must not lose: the governor, and the regime recorded last.
    func saved(by time: SavedTime) -> [UInt8] {
        var row = ByteWriter()
        row.put(latest.lastRegime ?? "")
        return row.bytes + governor.saved(by: time)
    }
}

extension Governor {
    /// Takes over what the last run saved, and returns the regime that it recorded last.
    mutating func restore(_ saved: SavedState, log: Logger) -> String? {
        guard let bytes = saved.values[SavedState.local] else { return nil }
        do throws(SavedRowFault) {
            var row = ByteReader(bytes)
            let regime = try row.string()
            try restore(row.remaining, by: saved.time)
            return regime.isEmpty ? nil : regime
        } catch {
            log.warning("the saved state of the governor is damaged; it starts anew")
            return nil
        }
    }
}
